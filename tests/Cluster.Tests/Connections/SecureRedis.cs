using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using StickyAspire.TestSupport;

namespace Cluster.Tests.Connections;

/// <summary>A redis-server with TLS, and a user who may do what docs/redis.md says that the adapters need, and nothing else.</summary>
internal sealed class SecureRedis : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("stickyaspire-tls-").FullName;
    private readonly int _port = FreePort.Take();
    private RedisProcess? _process;

    /// <summary>The certificate to trust, as a file.</summary>
    public string Certificate => Path.Combine(_folder, "redis.crt");

    public string ConnectionString => string.Create(CultureInfo.InvariantCulture, $"localhost:{_port},ssl=true,user=socketio,password=secret");

    /// <param name="rules">The user's rules.</param>
    public static async Task<SecureRedis> StartAsync(IEnumerable<string> rules)
    {
        var redis = new SecureRedis();
        var key = Path.Combine(redis._folder, "redis.key");
        redis.WriteCertificate(key);
        redis._process = await RedisProcess.StartAsync(
            isPersistent: false,
            ["--tls-port", redis._port.ToString(CultureInfo.InvariantCulture), "--tls-cert-file", redis.Certificate, "--tls-key-file", key, "--tls-ca-cert-file", redis.Certificate, "--tls-auth-clients", "no",
                "--user", "default", "off", "--user", "socketio", "on", ">secret", .. rules]);
        return redis;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private void WriteCertificate(string keyFile)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(Certificate, certificate.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
    }
}
