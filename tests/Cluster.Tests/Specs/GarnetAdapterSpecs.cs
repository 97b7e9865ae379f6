using System.Globalization;
using Garnet;
using Microsoft.Extensions.DependencyInjection;
using SocketIO.AdapterSpecs;
using StickyAspire.SocketIO;
using StickyAspire.TestSupport;

namespace Cluster.Tests.Specs;

/// <summary>Publish and subscribe on the Redis of machines that have none: Garnet, within this process.</summary>
public sealed class GarnetAdapterSpecs(GarnetAdapterSpecs.GarnetFixture garnet) : ClusterAdapterSpec, IClassFixture<GarnetAdapterSpecs.GarnetFixture>
{
    protected override void AddAdapter(ISocketIOBuilder builder) => builder.AddStackExchangeRedis(garnet.ConnectionString, options => options.RequestsTimeout = RequestsTimeout);

    protected override Task StopBackplaneAsync()
    {
        garnet.Stop();
        return Task.CompletedTask;
    }

    protected override Task StartBackplaneAsync()
    {
        garnet.Start();
        return Task.CompletedTask;
    }

    public sealed class GarnetFixture : IDisposable
    {
        private readonly string _port = FreePort.Take().ToString(CultureInfo.InvariantCulture);
        private GarnetServer? _server;

        public GarnetFixture() => Start();

        public string ConnectionString => "127.0.0.1:" + _port;

        public void Start()
        {
            _server = new GarnetServer(["--port", _port, "--bind", "127.0.0.1", "--memory", "64m", "--index", "8m", "--logger-level", "Error", "-q"]);
            _server.Start();
        }

        public void Stop()
        {
            _server?.Dispose();
            _server = null;
        }

        public void Dispose() => Stop();
    }
}
