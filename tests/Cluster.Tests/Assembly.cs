// Each class has a cluster of processes of its own; two at a time are as many as a small machine serves well.
[assembly: Xunit.v3.Parallelization(MaxThreads = 2)]
