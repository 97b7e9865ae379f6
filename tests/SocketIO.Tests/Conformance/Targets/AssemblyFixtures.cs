[assembly: AssemblyFixture(typeof(SocketIO.Tests.Conformance.Targets.CalmTarget))]
[assembly: AssemblyFixture(typeof(SocketIO.Tests.Conformance.Targets.HeartbeatTarget))]
[assembly: AssemblyFixture(typeof(SocketIO.Tests.Conformance.Targets.EIO3Target))]
