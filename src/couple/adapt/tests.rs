//! Tests Adapters as their authors see them: objects in, Sockets or reasons out.

mod library;
