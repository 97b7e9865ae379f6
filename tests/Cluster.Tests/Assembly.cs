// Each class has a cluster of processes of its own; two at a time are as many as a small machine serves well.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]
