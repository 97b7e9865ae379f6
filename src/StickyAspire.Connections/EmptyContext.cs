namespace StickyAspire.Connections;

/// <summary>An execution context in which nothing is set: for what outlives the request that began it, and would keep what hangs on that request's context.</summary>
internal static class EmptyContext
{
    private static readonly ExecutionContext Context = Create();

    /// <summary>Begins an operation. On this thread, as far as it gets without waiting: handing it to another would cost more than most of them do.</summary>
    public static void Start(Func<Task> operation) => ExecutionContext.Run(Context, static operation => _ = ((Func<Task>)operation!)(), operation);

    /// <summary>Only a thread that inherits nothing has it.</summary>
    private static ExecutionContext Create()
    {
        ExecutionContext? context = null;
        var thread = new Thread(() => context = ExecutionContext.Capture());
        thread.UnsafeStart();
        thread.Join();
        return context!;
    }
}
