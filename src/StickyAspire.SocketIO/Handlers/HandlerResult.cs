using System.Diagnostics.CodeAnalysis;

namespace StickyAspire.SocketIO.Handlers;

/// <summary>What an event method returns, awaited where it must be.</summary>
internal abstract class HandlerResult
{
    public abstract ValueTask<(bool HasValue, object? Value)> GetAsync(object? returned);

    [RequiresUnreferencedCode("Reflection.")]
    [RequiresDynamicCode("Reflection.")]
    public static HandlerResult Create(Type type)
    {
        if (type == typeof(void) || type == typeof(Task) || type == typeof(ValueTask))
        {
            return new Nothing();
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() is var generic && (generic == typeof(Task<>) || generic == typeof(ValueTask<>)))
        {
            var kind = generic == typeof(Task<>) ? typeof(OfTask<>) : typeof(OfValueTask<>);
            return (HandlerResult)Activator.CreateInstance(kind.MakeGenericType(type.GetGenericArguments()))!;
        }

        return new Value();
    }

    private sealed class Nothing : HandlerResult
    {
        public override async ValueTask<(bool HasValue, object? Value)> GetAsync(object? returned)
        {
            switch (returned)
            {
                case Task task:
                    await task;
                    break;
                case ValueTask task:
                    await task;
                    break;
            }

            return default;
        }
    }

    private sealed class Value : HandlerResult
    {
        public override ValueTask<(bool HasValue, object? Value)> GetAsync(object? returned) => ValueTask.FromResult((true, returned));
    }

    private sealed class OfTask<T> : HandlerResult
    {
        public override async ValueTask<(bool HasValue, object? Value)> GetAsync(object? returned) => (true, await (Task<T>)returned!);
    }

    private sealed class OfValueTask<T> : HandlerResult
    {
        public override async ValueTask<(bool HasValue, object? Value)> GetAsync(object? returned) => (true, await (ValueTask<T>)returned!);
    }
}
