// One thread of the server and the connections that it serves. Internal to http/.
//
// Thread safety: all on the loop's thread, but io().
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include "http/server.h"
#include "http/server_io.h"
#include "http/server_session.h"

namespace atonce::http {

// How many requests are being received or answered, over all loops.
//
// Thread safety: all functions from any thread.
class Activity final {
 public:
  void begin() { ++requests_; }
  void end();
  [[nodiscard]] bool wait_until_none(std::chrono::milliseconds at_most);

 private:
  std::atomic<std::size_t> requests_ = 0;
  std::atomic<bool> is_waited_for_ = false;
  std::mutex mutex_;
  std::condition_variable none_;
};

class Loop final {
 public:
  // All references must outlive the loop.
  Loop(const ServerOptions& options, const Handler& handler, Activity& activity);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  [[nodiscard]] boost::asio::io_context& io() { return io_; }

  // Looks at timeouts from now on.
  void start_sweeping();
  // For connections from now on; may be null.
  void use_tls(std::shared_ptr<boost::asio::ssl::context> tls) { tls_ = std::move(tls); }
  // A new connection: served, or refused when there are too many.
  void admit(ServerSocket socket);
  // Makes room for another descriptor if it can.
  void close_longest_idle();
  // Closes idle connections; the others end with their answer.
  void drain();
  // Closes everything; after it io().run() returns.
  void close();

  // What sessions need.
  [[nodiscard]] const ServerOptions& options() const { return options_; }
  [[nodiscard]] const Handler& handler() const { return handler_; }
  [[nodiscard]] std::size_t max_body_bytes(std::string_view method, std::string_view target) const;
  [[nodiscard]] bool is_draining() const { return is_draining_; }
  [[nodiscard]] Session::Clock::time_point deadline_after(std::chrono::milliseconds time) const;
  void add(Session& session);
  void move_to_idle(Session& session);
  void move_to_busy(Session& session);
  void remove(Session& session);

 private:
  void sweep();
  // Answers that others sent are noticed when there is something to read, or here.
  void settle();
  [[nodiscard]] std::size_t max_connections() const;

  const ServerOptions& options_;
  const Handler& handler_;
  Activity& activity_;
  // One thread runs it, others post.
  boost::asio::io_context io_{1};
  boost::asio::steady_timer sweeper_{io_};
  std::chrono::milliseconds sweep_every_;
  Session::Clock::time_point now_;  // as of the last sweep: exact enough, and costs nothing
  std::shared_ptr<boost::asio::ssl::context> tls_;
  std::list<Session*> idle_;  // longest idle first
  std::list<Session*> busy_;
  bool is_draining_ = false;
  bool is_closed_ = false;
};

}  // namespace atonce::http
