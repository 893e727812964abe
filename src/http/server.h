// Answers other programs over HTTP/1.1, with TLS where a certificate is given: listens, limits,
// drains. Bytes in, bytes out: no dialect and no JSON.
//
// What is wrong with a request is answered here, with a line of text and the end of the connection:
// 400, 408 (too slow), 413 and 431 (too large), 417, 501, 505. Requests that come before the answer
// to the one before them wait for it.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/exchange.h"

namespace atonce::http {

struct TlsFiles {
  std::filesystem::path certificate;  // PEM, with its chain
  std::filesystem::path key;          // PEM, without a password
};

struct ServerOptions {
  // Changes behaviour.
  std::string host = "127.0.0.1";  // an address or a name; "::" is every address of both kinds
  unsigned short port = 8000;      // 0: one that is free
  std::optional<TlsFiles> tls = {};
  std::size_t max_header_bytes = std::size_t{16} << 10;  // with the request line
  std::size_t max_headers = 100;
  // Of a body, by method and target; empty: 4 MiB. Called on the server's threads.
  std::function<std::size_t(std::string_view method, std::string_view target)> max_body_bytes = {};
  // Shared out evenly among the threads. Beyond it the connection that has been idle longest is
  // closed; if none is idle, the new one gets 503.
  std::size_t max_connections = 4096;
  // Timeouts are looked at once a second, or eight times in the shortest of them.
  std::chrono::milliseconds header_timeout{10'000};  // from first byte to last; TLS handshake, too
  std::chrono::milliseconds body_timeout{30'000};    // without a byte
  std::chrono::milliseconds idle_timeout{75'000};    // without a request
  std::chrono::milliseconds write_timeout{30'000};   // without a byte taken
  std::size_t max_unsent_bytes = std::size_t{8} << 20;  // of an answer in pieces

  // Changes performance.
  std::size_t threads = 1;
};

// Called on the server's threads: it must not block and not throw. It may answer at once, or give
// the exchange to whoever answers later, from any thread.
using Handler = std::function<void(std::shared_ptr<Exchange>)>;

// Thread safety: all functions from any thread but the server's own.
class Server final {
 public:
  // A server that answers from now on.
  // Errors:
  //   unavailable  the port is taken or not allowed
  //   not_found    no address of the host's name belongs to this machine
  //   bad_input    the certificate or its key cannot be used
  [[nodiscard]] static Result<std::unique_ptr<Server>> listen(const ServerOptions& options,
                                                              Handler handler);
  ~Server();  // Closes all connections; exchanges that are not answered are gone.
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  [[nodiscard]] unsigned short port() const;

  // Reads the certificate and key again, for connections from now on. After an error the old ones
  // stay in use. Errors: bad_input.
  [[nodiscard]] Result<void> reload_tls();

  // No connection is accepted from here on, idle ones are closed, the others after their answer.
  void stop_accepting();
  // After stop_accepting(): waits until every request of which a byte has come is answered and the
  // answer sent. False when that takes longer.
  [[nodiscard]] bool wait_until_idle(std::chrono::milliseconds at_most);

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace atonce::http
