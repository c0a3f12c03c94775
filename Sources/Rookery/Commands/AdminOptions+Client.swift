import Node

extension AdminOptions {
    /// The node to ask, as the command line says, else the file, else the defaults.
    func client() throws -> AdminClient {
        let admin = try NodeConfiguration.load(path: configurationPath).configuration.admin
        return AdminClient(address: address ?? admin.listen, token: token ?? admin.token)
    }
}
