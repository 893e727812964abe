// Host names to addresses without holding up the caller. Internal to http/.
#pragma once

#include <netdb.h>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace atonce::http {

using Endpoints = std::vector<boost::asio::ip::tcp::endpoint>;

// What getaddrinfo() has found, in its order; frees the list.
[[nodiscard]] Endpoints take_endpoints(addrinfo* found);

// One look-up at a time. The system's own look-up cannot be interrupted and may take half a minute
// when no name server answers, so it runs on a thread that is left behind when nobody waits for it.
//
// Thread safety: all methods on the executor's thread.
class Resolver final {
 public:
  explicit Resolver(boost::asio::any_io_executor executor);
  ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // Errors: not_found, unavailable (no name server answers), cancelled (by cancel()).
  [[nodiscard]] boost::asio::awaitable<Result<Endpoints>> resolve(std::string host,
                                                                  std::uint16_t port);
  void cancel();

 private:
  boost::asio::any_io_executor executor_;
  std::shared_ptr<boost::asio::steady_timer> wake_;  // there while a look-up is waited for
};

}  // namespace atonce::http
