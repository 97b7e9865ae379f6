using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using StickyAspire.SocketIO.Serialization;

namespace StickyAspire.SocketIO.Handlers;

/// <summary>One event method: its parameters from an event's arguments, and its result as the answer.</summary>
[RequiresUnreferencedCode("Reflection.")]
[RequiresDynamicCode("Reflection.")]
internal sealed class HandlerMethod
{
    private readonly MethodInfo _method;
    private readonly ParameterInfo[] _parameters;
    private readonly HandlerResult _result;

    public HandlerMethod(MethodInfo method)
    {
        _method = method;
        _parameters = method.GetParameters();
        _result = HandlerResult.Create(method.ReturnType);
    }

    /// <summary>Reads the arguments, which lie in the transport's buffer: before anything is awaited.</summary>
    public object?[] ReadArguments(ref SocketIOEventReader reader)
    {
        var arguments = new object?[_parameters.Length];
        for (var i = 0; i < arguments.Length; i++)
        {
            var parameter = _parameters[i];
            arguments[i] = parameter.ParameterType == typeof(CancellationToken)
                ? reader.Socket!.Disconnected
                : reader.Read(parameter.ParameterType) ?? GetDefault(parameter);
        }

        return arguments;
    }

    public async ValueTask InvokeAsync(object handler, object?[] arguments, SocketIOAck ack)
    {
        var returned = _method.Invoke(handler, BindingFlags.DoNotWrapExceptions, binder: null, arguments, culture: null);
        var (hasValue, value) = await _result.GetAsync(returned);
        if (hasValue)
        {
            await ack.SendAsync(value);
        }
    }

    private static object? GetDefault(ParameterInfo parameter) =>
        parameter.HasDefaultValue ? parameter.DefaultValue
        : parameter.ParameterType.IsValueType && Nullable.GetUnderlyingType(parameter.ParameterType) is null ? RuntimeHelpers.GetUninitializedObject(parameter.ParameterType)
        : null;
}
