using StickyAspire.Bench.IdleMemory;

// What one idle WebSocket session costs a server process. Run as "measure" (the default), it starts itself as "host" in a process of its own,
// so that the clients' memory is not counted.
return args.FirstOrDefault() switch
{
    "host" => await MeasuredHost.RunAsync(args[1..]),
    _ => await Measurement.RunAsync(args),
};
