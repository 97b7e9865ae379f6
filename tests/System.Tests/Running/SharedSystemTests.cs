namespace StickyAspire.SystemTests.Running;

/// <summary>Tests one after another, on one system.</summary>
[CollectionDefinition(Name)]
public sealed class SharedSystemTests : ICollectionFixture<SharedSystem>
{
    public const string Name = "Shared system";
}
