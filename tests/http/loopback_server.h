// A server on this machine that does exactly what a test's script says, well-behaved or not, and
// certificates for it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace atonce::http {

struct Certificate {
  std::string certificate;  // PEM
  std::string key;          // PEM
};

// Signed by itself, valid for an hour, for a subject such as "DNS:localhost" or "IP:127.0.0.1".
[[nodiscard]] Certificate make_certificate(const std::string& subject);

// A request as the server got it.
struct Received {
  std::string method;
  std::string target;
  std::map<std::string, std::string> headers;  // names in small letters
  std::string body;

  // The header of that name in small letters; empty if there is none.
  [[nodiscard]] std::string operator[](const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

class LoopbackServer final {
 public:
  // One connection, from the server's side. Used on its own thread only.
  class Peer {
   public:
    struct Stream;
    explicit Peer(Stream& stream) : stream_(stream) {}

    // The next request; nothing when the client has closed or does not speak HTTP.
    std::optional<Received> read();
    // False when the client has closed.
    bool write(std::string_view bytes);
    // A whole answer with a length.
    bool answer(int status, std::string_view body, std::string_view headers = "");
    void wait_until_closed();
    bool start_tls();
    // The host that the client said it wants, over TLS.
    [[nodiscard]] std::string server_name();

   private:
    Stream& stream_;
  };

  // Serves one connection, which is closed when it returns. Runs on a thread of its own.
  using Script = std::function<void(Peer&)>;

  explicit LoopbackServer(Script script, const Certificate* certificate = nullptr);
  ~LoopbackServer();  // closes all connections
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  [[nodiscard]] unsigned short port() const;
  [[nodiscard]] std::string url(const std::string& path = "/") const;
  // How many connections there have been.
  [[nodiscard]] std::size_t connections() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace atonce::http
