namespace StickyAspire.Replica;

/// <summary>Who may change a replica's state. Section <c>Sticky</c>.</summary>
public sealed class StickyAdminOptions
{
    /// <summary>The section these options are read from.</summary>
    public const string SectionName = "Sticky";

    /// <summary>The shortest key, in characters.</summary>
    public const int MinAdminKeyLength = 16;

    /// <summary>
    /// What a caller of <c>POST /sticky/{drain|maint|ready}</c> must give in the header <c>X-Sticky-Key</c>: at least 16 characters. Key <c>Sticky:AdminKey</c>. Default null: those paths are closed.
    /// </summary>
    public string? AdminKey { get; set; }
}
