//! Which Socket a Plug gets, and what it is told when it gets none.

use super::scenarios::{MONGO_PLUG, MONGO_SOCKET, MONGODB};
use super::*;

#[test]
fn a_postgres_socket_in_the_place_of_mongo_fails_and_says_why() {
    let postgres =
        object("Socket", "shop", "postgres", "interface: {name: postgresql, versions: [1.0.0]}\nconfig: {host: pg}");
    let world = World::new(&[MONGODB, &postgres, MONGO_PLUG].concat());
    assert_eq!(
        world.told(),
        "Error socket-not-found: no Socket in namespace `shop` offers Interface `mongodb`\n  \
         at `mongodb`: asked for here\n  \
         at `postgresql`: `postgres` offers Interface `postgresql`\n  \
         help: these come close:\n  |   Socket `postgres` offers Interface `postgresql`\n"
    );
    let named = MONGO_PLUG.replace("  workloads", "  socket: {name: postgres}\n  workloads");
    let world = World::new(&[MONGODB, MONGO_SOCKET, &postgres, &named].concat());
    assert_eq!(
        world.told(),
        "Error interface-mismatch: Socket `postgres` offers Interface `postgresql`, and the Plug asks for `mongodb`\n  \
         at `postgres`: named here\n  \
         at `mongodb`: asks for `mongodb`\n  \
         at `postgresql`: offers `postgresql`\n  \
         help: name one that offers `mongodb`: `mongo`\n"
    );
}
