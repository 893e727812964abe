#include "http/resolve.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

namespace atonce::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

Result<Endpoints> look_up(const std::string& host, std::uint16_t port) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found);
  if (code != 0) {
    const bool is_unknown = code == EAI_NONAME || code == EAI_NODATA;
    return failure(is_unknown ? ErrorCode::not_found : ErrorCode::unavailable,
                   "the host `" + host + "` cannot be found: " + ::gai_strerror(code),
                   is_unknown ? "check the address and the network connection"
                              : "check the network connection");
  }
  return take_endpoints(found);
}

// What the waiting coroutine and the thread share. The thread may outlive the executor, so it may
// touch that only under the mutex, while somebody waits.
struct Lookup {
  std::mutex mutex;
  // Guarded by mutex.
  asio::any_io_executor waiting;  // empty: nobody waits any more
  std::shared_ptr<asio::steady_timer> wake;
  std::optional<Result<Endpoints>> result;

  void finish(Result<Endpoints> found) {
    const std::lock_guard lock(mutex);
    result = std::move(found);
    if (waiting) asio::post(waiting, [timer = wake] { timer->cancel(); });
  }

  void leave() {
    const std::lock_guard lock(mutex);
    waiting = {};
    wake = nullptr;
  }
};

struct LeaveAtEnd {
  std::shared_ptr<Lookup> lookup;
  ~LeaveAtEnd() { lookup->leave(); }
};

}  // namespace

Endpoints take_endpoints(addrinfo* found) {
  Endpoints endpoints;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    tcp::endpoint endpoint;
    if (each->ai_addrlen > endpoint.capacity()) continue;
    std::memcpy(endpoint.data(), each->ai_addr, each->ai_addrlen);
    endpoint.resize(each->ai_addrlen);
    endpoints.push_back(endpoint);
  }
  ::freeaddrinfo(found);
  return endpoints;
}

Resolver::Resolver(asio::any_io_executor executor) : executor_(std::move(executor)) {}

Resolver::~Resolver() { cancel(); }

asio::awaitable<Result<Endpoints>> Resolver::resolve(std::string host, std::uint16_t port) {
  boost::system::error_code error;
  const auto address = asio::ip::make_address(host, error);
  if (!error) co_return Endpoints{tcp::endpoint(address, port)};

  wake_ = std::make_shared<asio::steady_timer>(executor_, asio::steady_timer::time_point::max());
  const auto lookup = std::make_shared<Lookup>();
  lookup->waiting = executor_;
  lookup->wake = wake_;
  const LeaveAtEnd leave{lookup};
  try {
    std::thread([lookup, host, port] { lookup->finish(look_up(host, port)); }).detach();
  } catch (const std::system_error& failed) {
    co_return failure(ErrorCode::unavailable,
                      "no thread to look up `" + host + "`: " + failed.what());
  }
  co_await wake_->async_wait(asio::as_tuple(asio::use_awaitable));
  wake_ = nullptr;
  const std::lock_guard lock(lookup->mutex);
  if (!lookup->result) co_return failure(ErrorCode::cancelled, "the look-up was given up");
  co_return *std::move(lookup->result);
}

void Resolver::cancel() {
  if (wake_) wake_->cancel();
}

}  // namespace atonce::http
