// One connection to a server or proxy: names, TCP, TLS, bytes. Internal to http/.
//
// Thread safety: all methods on the io_context's thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/resolve.h"
#include "http/url.h"

namespace atonce::http {

// A context that verifies peers against the system's roots; reading those takes some 20 ms.
[[nodiscard]] boost::asio::ssl::context make_tls_context();

class Connection final {
 public:
  struct Transfer {
    boost::system::error_code error = {};
    std::size_t bytes = 0;
  };

  Connection(boost::asio::io_context& io, std::string used_for);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Errors: not_found, unavailable.
  [[nodiscard]] boost::asio::awaitable<Result<void>> connect(const Url& peer);
  // Verifies that the peer is `host`. Errors: bad_response, unavailable (closed in the middle).
  [[nodiscard]] boost::asio::awaitable<Result<void>> start_tls(boost::asio::ssl::context& context,
                                                               std::string host);

  [[nodiscard]] boost::asio::awaitable<Transfer> read_some(boost::asio::mutable_buffer into);
  [[nodiscard]] boost::asio::awaitable<Transfer> write(std::string_view bytes);

  // Ends what is waited for and makes everything after it fail.
  void abort();

  // What this connection leads to: an origin, by way of a proxy or not.
  [[nodiscard]] const std::string& used_for() const { return used_for_; }

  // Bytes that came and belong to no answer yet.
  [[nodiscard]] boost::beast::flat_buffer& buffer() { return buffer_; }
  // Bytes that came since start_counting().
  [[nodiscard]] std::size_t received_bytes() const { return received_bytes_; }
  void start_counting() { received_bytes_ = 0; }

 private:
  const std::string used_for_;
  Resolver resolver_;
  boost::asio::ip::tcp::socket socket_;
  std::optional<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
  boost::beast::flat_buffer buffer_;
  std::size_t received_bytes_ = 0;
  bool is_aborted_ = false;
};

}  // namespace atonce::http
