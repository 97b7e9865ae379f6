using BenchmarkDotNet.Running;
using StickyAspire.Yarp.Benchmarks;

if (args is ["cpu"])
{
    CpuTime.Run();
}
else
{
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
}
