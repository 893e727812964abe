#include "http/server.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>
#include <thread>
#include <utility>
#include <vector>

#include "http/resolve.h"
#include "http/server_io.h"
#include "http/server_loop.h"
#include "http/server_tls.h"

namespace atonce::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using namespace std::chrono_literals;

using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;

// How long nothing is accepted when there are no descriptors left.
constexpr std::chrono::milliseconds kAcceptPause = 50ms;

std::string shown(const std::string& host, unsigned short port) {
  return (host.contains(':') ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<Endpoints> addresses_of(const std::string& host, unsigned short port) {
  addrinfo wanted = {};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found);
  if (code != 0) {
    return failure(ErrorCode::not_found,
                   "the host `" + host + "` cannot be found: " + ::gai_strerror(code),
                   "give an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all");
  }
  return take_endpoints(found);
}

error_code open(Acceptor& acceptor, const tcp::endpoint& endpoint) {
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (error) return error;
  acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (endpoint.address().is_v6()) {
    // "::" is for everybody; others are one address anyway.
    acceptor.set_option(asio::ip::v6_only(!endpoint.address().is_unspecified()), error);
  }
  acceptor.bind(endpoint, error);
  if (error) return error;
  acceptor.listen(tcp::acceptor::max_listen_connections, error);
  return error;
}

Error listen_error(const std::string& host, unsigned short port, const error_code& error) {
  const std::string where = shown(host, port);
  if (error == asio::error::address_in_use) {
    return {ErrorCode::unavailable, where + " is in use by another program",
            "end that program, or choose another port"};
  }
  if (error == asio::error::access_denied) {
    return {ErrorCode::unavailable, where + " may not be used: " + error.message(),
            "choose a port of 1024 or more"};
  }
  if (error == boost::system::errc::address_not_available) {
    return {ErrorCode::not_found, "`" + host + "` is no address of this machine",
            "give one of its own, such as 127.0.0.1, or 0.0.0.0 for all"};
  }
  return {ErrorCode::unavailable, "cannot listen on " + where + ": " + error.message()};
}

}  // namespace

class Server::Impl {
 public:
  Impl(const ServerOptions& options, Handler handler)
      : options_(options), handler_(std::move(handler)) {
    const std::size_t count = std::max<std::size_t>(1, options_.threads);
    for (std::size_t made = 0; made < count; ++made) {
      loops_.push_back(std::make_unique<Loop>(options_, handler_, activity_));
    }
  }

  ~Impl() {
    if (!threads_.empty()) {
      on_each_loop([this](Loop& loop) {
        if (&loop == loops_.front().get()) stop_listening();
        loop.close();
      });
    }
    guards_.clear();
    for (std::thread& thread : threads_) thread.join();
  }

  Result<void> start() {
    if (options_.tls) {
      const auto tls = make_server_tls(*options_.tls);
      if (!tls) return std::unexpected(tls.error());
      for (const auto& loop : loops_) loop->use_tls(*tls);
    }
    if (const auto opened = open_all(); !opened) return opened;
    for (const auto& acceptor : acceptors_) {
      asio::co_spawn(loops_.front()->io(), accept(*acceptor), asio::detached);
    }
    for (const auto& loop : loops_) {
      guards_.push_back(asio::make_work_guard(loop->io()));
      loop->start_sweeping();
      threads_.emplace_back([&io = loop->io()] { io.run(); });
    }
    return {};
  }

  [[nodiscard]] unsigned short port() const { return port_; }

  Result<void> reload_tls() {
    if (!options_.tls) return {};
    const auto tls = make_server_tls(*options_.tls);
    if (!tls) return std::unexpected(tls.error());
    on_each_loop([&](Loop& loop) { loop.use_tls(*tls); });
    return {};
  }

  void stop_accepting() {
    on_each_loop([this](Loop& loop) {
      if (&loop == loops_.front().get()) stop_listening();
      loop.drain();
    });
  }

  bool wait_until_idle(std::chrono::milliseconds at_most) {
    return activity_.wait_until_none(at_most);
  }

 private:
  // Runs it on each loop's thread, and waits until all have.
  template <typename Function>
  void on_each_loop(Function function) {
    for (const auto& loop : loops_) {
      std::promise<void> done;
      asio::post(loop->io(), [&] {
        function(*loop);
        done.set_value();
      });
      done.get_future().wait();
    }
  }

  // A name may have more than one address, such as localhost: all get the same port.
  Result<void> open_all() {
    const auto endpoints = addresses_of(options_.host, options_.port);
    if (!endpoints) return std::unexpected(endpoints.error());
    port_ = options_.port;
    error_code last;
    for (tcp::endpoint endpoint : *endpoints) {
      endpoint.port(port_);
      auto acceptor = std::make_unique<Acceptor>(loops_.front()->io().get_executor());
      last = open(*acceptor, endpoint);
      if (last == asio::error::address_in_use) break;  // half a name would be worse than none
      if (last) continue;                              // the machine may have no IPv6
      port_ = acceptor->local_endpoint(last).port();
      acceptors_.push_back(std::move(acceptor));
    }
    if (acceptors_.empty() || last == asio::error::address_in_use) {
      return std::unexpected(listen_error(options_.host, port_, last));
    }
    return {};
  }

  Task<void> accept(Acceptor& acceptor) {
    while (acceptor.is_open()) {
      Loop& loop = *loops_[next_loop_++ % loops_.size()];
      error_code error;
      ServerSocket socket = co_await acceptor.async_accept(loop.io().get_executor(),
                                                           asio::redirect_error(kAwait, error));
      if (!acceptor.is_open()) break;
      if (error) {
        loop_of_acceptors().close_longest_idle();
        asio::basic_waitable_timer<std::chrono::steady_clock,
                                   asio::wait_traits<std::chrono::steady_clock>, Executor>
            pause(loop_of_acceptors().io().get_executor(), kAcceptPause);
        co_await pause.async_wait(asio::redirect_error(kAwait, error));
        continue;
      }
      asio::dispatch(loop.io(), [&loop, taken = std::move(socket)]() mutable {
        loop.admit(std::move(taken));
      });
    }
  }

  Loop& loop_of_acceptors() { return *loops_.front(); }

  void stop_listening() {
    error_code ignored;
    for (const auto& acceptor : acceptors_) acceptor->close(ignored);
  }

  const ServerOptions options_;
  const Handler handler_;
  Activity activity_;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::vector<std::unique_ptr<Acceptor>> acceptors_;  // all on the first loop
  std::vector<asio::executor_work_guard<Executor>> guards_;
  std::vector<std::thread> threads_;
  std::size_t next_loop_ = 0;
  unsigned short port_ = 0;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::listen(const ServerOptions& options, Handler handler) {
  auto impl = std::make_unique<Impl>(options, std::move(handler));
  if (const auto started = impl->start(); !started) return std::unexpected(started.error());
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

unsigned short Server::port() const { return impl_->port(); }
Result<void> Server::reload_tls() { return impl_->reload_tls(); }
void Server::stop_accepting() { impl_->stop_accepting(); }

bool Server::wait_until_idle(std::chrono::milliseconds at_most) {
  return impl_->wait_until_idle(at_most);
}

}  // namespace atonce::http
