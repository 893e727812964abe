// One connection to the server: read a request, hand it over, send the answer, again. Internal to
// http/.
//
// At most one read is under way, from the first byte to the last: while an answer is awaited it
// notices that the client leaves, and keeps what the client sends ahead.
//
// Thread safety: all on its loop's thread, but wake() and send_directly().
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "http/exchange_state.h"
#include "http/request_parser.h"
#include "http/server_io.h"

namespace atonce::http {

class Loop;

class Session final : public Wakeable, public std::enable_shared_from_this<Session> {
 public:
  using Clock = std::chrono::steady_clock;

  // `tls` may be null. One that `is_refused` is told 503 and nothing else.
  Session(Loop& loop, ServerSocket socket, boost::asio::ssl::context* tls, bool is_refused);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Serves until the connection ends; then leaves the loop.
  void start();
  // The connection is of no use any more: closed at once.
  void abort();
  // Its answer is the last one of this connection.
  void end_keep_alive();

  [[nodiscard]] bool is_late(Clock::time_point now) const { return deadline_ < now; }
  void expire();  // It is late.

  // Sees whether its answer has been sent by somebody else, so that it counts as idle.
  void settle();
  // It has only its end left to tell.
  [[nodiscard]] bool is_leaving() const { return is_leaving_; }

  void wake() override;
  std::size_t send_directly(std::string_view bytes) override;

 private:
  friend class Loop;  // keeps it in its lists

  [[nodiscard]] static Task<void> run(std::shared_ptr<Session> self);
  [[nodiscard]] Task<void> serve();
  [[nodiscard]] Task<bool> shake_hands();
  // False: the connection ends, after `refusal_` is told if there is one.
  [[nodiscard]] Task<bool> receive();
  [[nodiscard]] Task<bool> receive_head();
  [[nodiscard]] Task<bool> receive_body();
  void hand_over();
  // Whether the connection can carry another request.
  [[nodiscard]] Task<bool> reply();
  [[nodiscard]] Task<void> tell_refusal();
  [[nodiscard]] Task<void> leave();

  // Waits for more bytes in the inbox. False: none will come, or not in time.
  [[nodiscard]] Task<bool> read_more(std::size_t wanted);
  void start_read(std::size_t wanted);
  void on_read(const boost::system::error_code& error, std::size_t bytes);
  // Sends out_ and body_ whole; false when the connection is gone.
  [[nodiscard]] Task<bool> send();
  [[nodiscard]] std::size_t send_now();
  void start_write(std::size_t from);

  void become_idle();
  void become_busy();
  void set_deadline(std::chrono::milliseconds from_now);
  [[nodiscard]] bool is_cut() const;
  [[nodiscard]] bool is_over() const { return is_expired_ || is_aborted_; }

  Loop& loop_;
  ServerSocket socket_;
  std::optional<boost::asio::ssl::stream<ServerSocket&>> tls_;
  const bool is_refused_;
  std::string remote_;
  std::list<Session*>::iterator place_ = {};  // the loop's

  Signal changed_;
  Inbox inbox_;
  std::shared_ptr<Exchange::State> state_;
  std::optional<RequestParser> parser_;
  std::optional<Refusal> refusal_;
  std::string out_;
  std::string body_;
  std::size_t written_bytes_ = 0;
  Clock::time_point deadline_ = Clock::time_point::max();

  bool is_busy_ = false;
  bool is_reading_ = false;
  bool is_writing_ = false;  // or in another step of TLS
  bool is_at_end_ = false;   // nothing more can be read
  bool is_expired_ = false;
  bool is_aborted_ = false;
  bool is_answering_ = false;
  bool is_secure_ = false;
  bool is_leaving_ = false;
};

}  // namespace atonce::http
