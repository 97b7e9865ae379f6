using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;

namespace StickyAspire.LocalHosting;

/// <summary>A value from outside: <c>Parameters:{name}</c> in configuration. A secret that nobody set is made up for the run.</summary>
public sealed class ParameterResource : Resource
{
    private readonly Lazy<string> _value;

    internal ParameterResource(string name, string? fallback, bool secret, IConfiguration configuration)
        : base(name) =>
        _value = new Lazy<string>(() => configuration[$"Parameters:{name}"] ?? fallback ?? (secret
            ? Convert.ToHexString(RandomNumberGenerator.GetBytes(16))
            : throw new LocalHostException($"The parameter '{name}' has no value: set Parameters__{name.Replace('-', '_')} in the environment.")));

    /// <summary>The value.</summary>
    internal string Value => _value.Value;
}
