#include "http/server_session.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "http/server_loop.h"

namespace atonce::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using namespace std::chrono_literals;

constexpr std::size_t kLeastReadBytes = 512;
constexpr std::size_t kMostReadBytes = std::size_t{64} << 10;
constexpr std::size_t kKeptBytes = std::size_t{4} << 10;  // of a buffer, for the next request
// How long a client may take to hear that the connection ends.
constexpr std::chrono::milliseconds kLeaveTimeout = 2s;

void shrink(std::string& text) {
  if (text.capacity() > kKeptBytes) text = {};
}

std::string remote_of(const ServerSocket& socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return "";
  const asio::ip::address address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

}  // namespace

Session::Session(Loop& loop, ServerSocket socket, asio::ssl::context* tls, bool is_refused)
    : loop_(loop),
      socket_(std::move(socket)),
      is_refused_(is_refused),
      remote_(remote_of(socket_)) {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
  if (tls != nullptr) tls_.emplace(socket_, *tls);
}

void Session::start() {
  loop_.add(*this);
  asio::co_spawn(socket_.get_executor(), run(shared_from_this()), asio::detached);
}

Task<void> Session::run(std::shared_ptr<Session> self) {
  try {
    co_await self->serve();
  } catch (const std::exception&) {
    // No memory for this one: the others go on.
  }
  self->abort();
  self->loop_.remove(*self);
}

// The way of a connection. Here and below, what is awaited gets a name before it is decided on: gcc
// 12 miscompiles some conditions with co_await in them (both sides of an && are awaited).
Task<void> Session::serve() {
  if (is_refused_) {
    if (tls_) co_return;
    refusal_ = {503, "there are too many connections"};
  } else {
    bool may_go_on = true;
    if (tls_) may_go_on = co_await shake_hands();
    while (may_go_on) {
      may_go_on = co_await receive();
      if (!may_go_on) break;
      hand_over();
      may_go_on = co_await reply();
      become_idle();
    }
  }
  if (refusal_) co_await tell_refusal();
  co_await leave();
}

Task<bool> Session::shake_hands() {
  set_deadline(loop_.options().header_timeout);
  is_writing_ = true;
  tls_->async_handshake(asio::ssl::stream_base::server,
                        [self = shared_from_this()](const error_code& error) {
                          self->is_writing_ = false;
                          self->is_secure_ = !error;
                          self->changed_.notify();
                        });
  while (is_writing_ && !is_over()) co_await changed_.wait();
  // Who speaks no TLS is told nothing: there is no way that it would understand.
  if (!is_secure_) abort();
  co_return is_secure_;
}

Task<bool> Session::receive() {
  if (!state_ || !state_->is_free()) {
    state_ = std::make_shared<Exchange::State>(loop_.options().max_unsent_bytes);
    state_->request.remote_ = remote_;
  }
  parser_.emplace(state_->request, loop_.options().max_headers);
  const bool has_head = co_await receive_head();
  if (!has_head) co_return false;
  const bool has_body = co_await receive_body();
  co_return has_body;
}

Task<bool> Session::receive_head() {
  const std::size_t max_bytes = loop_.options().max_header_bytes;
  HeadScanner scanner;
  auto found = HeadScanner::Found::more_needed;
  set_deadline(loop_.options().idle_timeout);
  for (;;) {
    // A line or two between requests is harmless, and some clients send one.
    while (!is_busy_ && !inbox_.is_empty() && inbox_.bytes().find_first_of("\r\n") == 0) {
      inbox_.consume(1);
    }
    if (!is_busy_ && !inbox_.is_empty()) become_busy();
    found = scanner.scan(inbox_.bytes());
    if (found != HeadScanner::Found::more_needed || inbox_.size() > max_bytes) break;
    if (!is_busy_ && loop_.is_draining()) co_return false;
    const bool has_more = co_await read_more(kLeastReadBytes);
    if (!has_more) co_return false;
  }
  if (found == HeadScanner::Found::malformed) {
    refusal_ = {400, "this is not an HTTP request"};
  } else if (found == HeadScanner::Found::more_needed || scanner.head_bytes() > max_bytes) {
    refusal_ = {431, "the headers are larger than the limit"};
  } else {
    refusal_ = parser_->read_head(inbox_.bytes().substr(0, scanner.head_bytes()));
    inbox_.consume(scanner.head_bytes());
  }
  co_return !refusal_;
}

Task<bool> Session::receive_body() {
  if (parser_->is_done()) co_return true;
  const Incoming& request = state_->request;
  refusal_ = parser_->limit_body(loop_.max_body_bytes(request.method(), request.target()));
  if (refusal_) co_return false;
  if (parser_->wants_continue() && inbox_.is_empty()) {
    out_ = "HTTP/1.1 100 Continue\r\n\r\n";
    body_.clear();
    const bool is_sent = co_await send();
    if (!is_sent) co_return false;
  }
  for (;;) {
    std::size_t used = 0;
    refusal_ = parser_->read_body(inbox_.bytes(), used);
    inbox_.consume(used);
    if (refusal_ || parser_->is_done()) co_return !refusal_;
    if (inbox_.size() >= loop_.options().max_header_bytes) {
      refusal_ = {400, "a line between the chunks of the body is too long"};
      co_return false;
    }
    set_deadline(loop_.options().body_timeout);
    const std::size_t wanted =
        std::clamp(parser_->missing_bytes(), kLeastReadBytes, kMostReadBytes);
    const bool has_more = co_await read_more(wanted);
    if (!has_more) co_return false;
  }
}

void Session::hand_over() {
  deadline_ = Clock::time_point::max();
  if (inbox_.is_empty() && !is_reading_ && inbox_.capacity() > kKeptBytes) inbox_.release();
  state_->open(*this, {.is_head = state_->request.method() == "HEAD",
                       .is_http_1_0 = parser_->is_http_1_0(),
                       .is_last = !parser_->keep_alive() || loop_.is_draining()});
  is_answering_ = true;
  loop_.handler()(std::make_shared<Exchange>(state_));
}

Task<bool> Session::reply() {
  for (;;) {
    const Exchange::State::Step step = state_->take(out_, body_);
    if (step.is_cut) abort();
    if (is_aborted_) co_return false;
    if (!out_.empty()) {
      const bool is_sent = co_await send();
      if (!is_sent) co_return false;
    }
    if (step.is_last) {
      is_answering_ = false;
      state_->close();
      co_return !step.is_final && !loop_.is_draining();
    }
    if (inbox_.room() > 0 || inbox_.is_empty()) start_read(1);
    // With nothing sent ahead, the next thing that this connection has to do is read.
    const bool may_send = !tls_ && is_reading_ && inbox_.is_empty();
    if (state_->wait(may_send)) co_await changed_.wait();
  }
}

Task<void> Session::tell_refusal() {
  out_.clear();
  body_ = std::string(refusal_->text) + "\n";
  append_head(out_, refusal_->status,
              refusal_->status == 503 ? "Content-Type: text/plain\r\nRetry-After: 1\r\n"
                                      : "Content-Type: text/plain\r\n",
              {.is_last = true}, body_.size());
  is_expired_ = false;
  out_ += body_;
  body_.clear();
  static_cast<void>(co_await send());
}

// Closing while bytes of the client are unread would break the connection, and the client might
// lose the answer: so it is told that this is the end, and listened to until it closes as well.
Task<void> Session::leave() {
  if (is_busy_) become_idle();
  is_leaving_ = true;
  if (is_aborted_ || is_at_end_ || is_expired_) co_return;
  set_deadline(kLeaveTimeout);
  if (tls_) {
    is_writing_ = true;
    tls_->async_shutdown([self = shared_from_this()](const error_code&) {
      self->is_writing_ = false;
      self->changed_.notify();
    });
    while (is_writing_ && !is_over()) co_await changed_.wait();
    co_return;
  }
  error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  while (!is_at_end_ && !is_over()) {
    if (!is_reading_) inbox_.consume(inbox_.size());
    start_read(kLeastReadBytes);
    co_await changed_.wait();
  }
}

Task<bool> Session::read_more(std::size_t wanted) {
  const std::size_t before = inbox_.size();
  start_read(wanted);
  while (is_reading_ && !is_over()) co_await changed_.wait();
  if (is_expired_ && is_busy_) refusal_ = {408, "the request did not come in time"};
  co_return inbox_.size() > before && !is_over();
}

void Session::start_read(std::size_t wanted) {
  if (is_reading_ || is_at_end_) return;
  is_reading_ = true;
  const asio::mutable_buffer into = inbox_.prepare(wanted);
  auto done = [self = shared_from_this()](const error_code& error, std::size_t bytes) {
    self->on_read(error, bytes);
  };
  if (tls_) {
    tls_->async_read_some(into, std::move(done));
  } else {
    socket_.async_read_some(into, std::move(done));
  }
}

void Session::on_read(const error_code& error, std::size_t bytes) {
  is_reading_ = false;
  inbox_.commit(bytes);
  if (error) is_at_end_ = true;
  if (error && is_answering_ && !state_->is_settled()) return abort();  // the client has left
  changed_.notify();
}

Task<bool> Session::send() {
  const std::size_t all = out_.size() + body_.size();
  std::size_t sent = tls_ ? 0 : send_now();
  while (sent < all) {
    set_deadline(loop_.options().write_timeout);
    start_write(sent);
    while (is_writing_ && !is_over() && !is_cut()) co_await changed_.wait();
    if (is_writing_ || is_over() || written_bytes_ == 0) {
      abort();
      co_return false;
    }
    sent += written_bytes_;
  }
  deadline_ = Clock::time_point::max();
  co_return true;
}

// Without waiting: almost always the socket takes all, and no coroutine has to be suspended.
std::size_t Session::send_now() {
  error_code error;
  const std::array<asio::const_buffer, 2> both{asio::buffer(out_), asio::buffer(body_)};
  const std::size_t sent = body_.empty() ? socket_.write_some(both[0], error)  //
                                         : socket_.write_some(both, error);
  return error ? 0 : sent;
}

void Session::start_write(std::size_t from) {
  is_writing_ = true;
  written_bytes_ = 0;
  const asio::const_buffer rest =
      from < out_.size() ? asio::buffer(out_) + from : asio::buffer(body_) + (from - out_.size());
  auto done = [self = shared_from_this()](const error_code& error, std::size_t bytes) {
    self->is_writing_ = false;
    self->written_bytes_ = error ? 0 : bytes;
    self->changed_.notify();
  };
  if (tls_) {
    tls_->async_write_some(rest, std::move(done));
  } else {
    socket_.async_write_some(rest, std::move(done));
  }
}

void Session::abort() {
  if (is_aborted_) return;
  is_aborted_ = true;
  is_answering_ = false;
  if (state_) state_->lose();  // before the descriptor is somebody else's: see send_directly()
  error_code ignored;
  socket_.close(ignored);
  changed_.notify();
}

void Session::expire() {
  deadline_ = Clock::time_point::max();
  is_expired_ = true;
  changed_.notify();
}

void Session::end_keep_alive() {
  if (state_) state_->end_keep_alive();
  settle();
}

bool Session::is_cut() const { return is_answering_ && state_->is_cut(); }

void Session::settle() {
  if (is_answering_ && state_->is_settled()) changed_.notify();
}

std::size_t Session::send_directly(std::string_view bytes) {
  const ssize_t sent =
      ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  return sent > 0 ? static_cast<std::size_t>(sent) : 0;
}

void Session::wake() {
  asio::post(socket_.get_executor(), [self = shared_from_this()] { self->changed_.notify(); });
}

void Session::become_idle() {
  shrink(out_);
  shrink(body_);
  is_busy_ = false;
  loop_.move_to_idle(*this);
}

void Session::become_busy() {
  is_busy_ = true;
  loop_.move_to_busy(*this);
  set_deadline(loop_.options().header_timeout);
}

void Session::set_deadline(std::chrono::milliseconds from_now) {
  deadline_ = loop_.deadline_after(from_now);
}

}  // namespace atonce::http
