namespace StickyAspire.SocketIO;

/// <summary>Options of the namespace that the <c>@socket.io/admin-ui</c> page talks to. Without credentials nobody gets in.</summary>
public sealed class AdminUIOptions
{
    /// <summary>The namespace. Default <c>/admin</c>, which the page expects.</summary>
    public string NamespaceName { get; set; } = "/admin";

    /// <summary>The name to log in with. Default null: nobody can, unless <see cref="VerifyCredentials"/> says so.</summary>
    public string? Username { get; set; }

    /// <summary>The password to log in with, from a secret. Default null: nobody can, unless <see cref="VerifyCredentials"/> says so.</summary>
    public string? Password { get; set; }

    /// <summary>Decides on a name and password instead of the two above, for example against a hash.</summary>
    public Func<string, string, ValueTask<bool>>? VerifyCredentials { get; set; }

    /// <summary>Whether anybody gets in, without a password. Default false. Node's <c>auth: false</c>.</summary>
    public bool AllowAnonymous { get; set; }

    /// <summary>Whether the page can only look: no emitting, no joining, no disconnecting. Default false.</summary>
    public bool IsReadOnly { get; set; }

    /// <summary>
    /// Whether the page is told of every socket, room and event, as Node's <c>mode: "development"</c> does. Default false: counts only, which cost next to nothing.
    /// </summary>
    public bool ShowsDetails { get; set; }

    /// <summary>What this server is called. Default null: the machine's name and the process id.</summary>
    public string? ServerId { get; set; }
}
