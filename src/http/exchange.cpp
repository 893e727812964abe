#include "http/exchange.h"

#include <algorithm>
#include <boost/beast/http/status.hpp>
#include <charconv>
#include <ctime>
#include <utility>

#include "http/exchange_state.h"
#include "http/header.h"

namespace atonce::http {
namespace {

// A body up to this is copied behind its head, so that one buffer is sent.
constexpr std::size_t kCopiedBytes = std::size_t{16} << 10;

void append_number(std::string& out, std::size_t number, int base = 10) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, number, base).ptr;
  out.append(digits, end);
}

// The Date line, made once a second on each thread that answers.
std::string_view date_line() {
  thread_local std::time_t made_at = 0;
  thread_local char line[64];
  thread_local std::size_t size = 0;
  const std::time_t now = std::time(nullptr);
  if (now != made_at) {
    std::tm utc = {};
    ::gmtime_r(&now, &utc);
    size = std::strftime(line, sizeof line, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &utc);
    made_at = now;
  }
  return {line, size};
}

void append_status_line(std::string& out, int status) {
  if (status == 200) {  // almost always
    out += "HTTP/1.1 200 OK\r\n";
    return;
  }
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::size_t>(status));
  out += ' ';
  const auto reason =
      boost::beast::http::obsolete_reason(static_cast<boost::beast::http::status>(status));
  out.append(reason.data(), reason.size());
  out += "\r\n";
}

}  // namespace

std::optional<std::string_view> Incoming::find(std::string_view name) const {
  for (const Field& field : fields_) {
    if (equal_without_case(field.name, name)) return field.value;
  }
  return std::nullopt;
}

std::size_t Incoming::count(std::string_view name) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      fields_, [&](const Field& field) { return equal_without_case(field.name, name); }));
}

void append_head(std::string& out, int status, std::string_view fields, const AnswerForm& form,
                 std::optional<std::size_t> body_bytes) {
  append_status_line(out, status);
  out += date_line();
  out += fields;
  if (status == 204 || status == 304) {
    // neither has a body, nor says how long it would be
  } else if (body_bytes) {
    out += "Content-Length: ";
    append_number(out, *body_bytes);
    out += "\r\n";
  } else if (!form.is_http_1_0) {
    out += "Transfer-Encoding: chunked\r\n";
  }
  if (form.is_last) {
    out += "Connection: close\r\n";
  } else if (form.is_http_1_0) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
}

bool Exchange::State::has_no_body(int status) const {
  return form_.is_head || status == 204 || status == 304;
}

void Exchange::State::wake_locked() {
  if (!may_wake_ || is_woken_ || session_ == nullptr) return;
  is_woken_ = true;
  session_->wake();
}

// The session may be in the middle of sending to a client that takes nothing: it is told even if it
// was woken for something else before.
void Exchange::State::cut_locked() {
  is_cut_ = true;
  is_woken_ = false;
  wake_locked();
}

// Nobody else sends meanwhile: the session sleeps, and does not close without this lock.
bool Exchange::State::send_locked() {
  if (!may_send_ || form_.is_last || !body_.empty() || session_ == nullptr) return false;
  out_.erase(0, session_->send_directly(out_));
  is_settled_ = out_.empty();
  return is_settled_;
}

void Exchange::State::answer(int status, std::string_view fields, std::string body) {
  std::move_only_function<void()> unused;  // destroyed after the lock, with whatever it holds
  const std::lock_guard lock(mutex_);
  if (phase_ != Phase::waiting) return;
  phase_ = Phase::whole;
  append_head(out_, status, fields, form_, body.size());
  if (!has_no_body(status)) {
    if (body.size() <= kCopiedBytes) {
      out_ += body;
    } else {
      body_ = std::move(body);
    }
  }
  if (send_locked()) {
    std::swap(unused, gone_);
  } else {
    wake_locked();
  }
}

void Exchange::State::begin(int status, std::string_view fields) {
  const std::lock_guard lock(mutex_);
  if (phase_ != Phase::waiting) return;
  phase_ = Phase::in_pieces;
  drops_pieces_ = has_no_body(status);
  is_chunked_ = !form_.is_http_1_0;
  if (!is_chunked_ && !drops_pieces_) form_.is_last = true;  // only the close shows the end
  append_head(out_, status, fields, form_, std::nullopt);
  unsent_bytes_ += out_.size();
  wake_locked();
}

bool Exchange::State::write(std::string_view piece) {
  const std::lock_guard lock(mutex_);
  if (phase_ != Phase::in_pieces || is_cut_) return false;
  if (drops_pieces_ || piece.empty()) return true;  // an empty chunk would be the end
  if (unsent_bytes_ + piece.size() > max_unsent_bytes_) {
    cut_locked();
    return false;
  }
  const std::size_t before = out_.size();
  if (is_chunked_) {
    append_number(out_, piece.size(), 16);
    out_ += "\r\n";
  }
  out_ += piece;
  if (is_chunked_) out_ += "\r\n";
  unsent_bytes_ += out_.size() - before;
  wake_locked();
  return true;
}

void Exchange::State::end() {
  const std::lock_guard lock(mutex_);
  if (phase_ != Phase::in_pieces || is_cut_) return;
  phase_ = Phase::whole;
  if (is_chunked_ && !drops_pieces_) out_ += "0\r\n\r\n";
  wake_locked();
}

void Exchange::State::on_gone(std::move_only_function<void()> gone) {
  std::unique_lock lock(mutex_);
  if (phase_ == Phase::gone) {
    lock.unlock();
    gone();
  } else if (phase_ != Phase::closed && !is_settled_) {
    std::swap(gone_, gone);  // the old one is destroyed after the lock, with whatever it holds
    lock.unlock();
  }
}

void Exchange::State::let_go() {
  answer(500, "", "");
  const std::lock_guard lock(mutex_);
  if (phase_ == Phase::in_pieces && !is_cut_) {
    cut_locked();  // its end will never come
  }
  is_held_ = false;
}

bool Exchange::State::is_free() const {
  const std::lock_guard lock(mutex_);
  return !is_held_;
}

void Exchange::State::open(Wakeable& session, AnswerForm form) {
  const std::lock_guard lock(mutex_);
  phase_ = Phase::waiting;
  form_ = form;
  session_ = &session;
  is_held_ = true;
  may_wake_ = may_send_ = is_settled_ = is_woken_ = is_chunked_ = drops_pieces_ = is_cut_ = false;
  unsent_bytes_ = 0;
  out_.clear();
  body_.clear();
}

bool Exchange::State::wait(bool may_send) {
  const std::lock_guard lock(mutex_);
  may_wake_ = true;
  may_send_ = may_send;
  return out_.empty() && phase_ != Phase::whole && !is_cut_;
}

bool Exchange::State::is_cut() const {
  const std::lock_guard lock(mutex_);
  return is_cut_;
}

bool Exchange::State::is_settled() const {
  const std::lock_guard lock(mutex_);
  return is_settled_;
}

Exchange::State::Step Exchange::State::take(std::string& out, std::string& body) {
  out.clear();
  body.clear();
  const std::lock_guard lock(mutex_);
  is_woken_ = may_send_ = false;
  std::swap(out, out_);
  std::swap(body, body_);
  unsent_bytes_ = out.size();
  return {.is_last = phase_ == Phase::whole, .is_cut = is_cut_, .is_final = form_.is_last};
}

void Exchange::State::end_keep_alive() {
  const std::lock_guard lock(mutex_);
  form_.is_last = true;
}

void Exchange::State::close() {
  std::move_only_function<void()> unused;
  const std::lock_guard lock(mutex_);
  phase_ = Phase::closed;
  session_ = nullptr;
  std::swap(unused, gone_);
}

void Exchange::State::lose() {
  std::move_only_function<void()> gone;
  {
    const std::lock_guard lock(mutex_);
    if (phase_ == Phase::closed || phase_ == Phase::gone) return;
    phase_ = Phase::gone;
    session_ = nullptr;
    std::swap(gone, gone_);
  }
  if (gone) gone();
}

Exchange::Exchange(std::shared_ptr<State> state) : state_(std::move(state)) {}
Exchange::~Exchange() { state_->let_go(); }

const Incoming& Exchange::request() const { return state_->request; }

void Exchange::answer(int status, std::string_view fields, std::string body) {
  state_->answer(status, fields, std::move(body));
}

void Exchange::begin(int status, std::string_view fields) { state_->begin(status, fields); }
bool Exchange::write(std::string_view piece) { return state_->write(piece); }
void Exchange::end() { state_->end(); }

void Exchange::on_gone(std::move_only_function<void()> gone) { state_->on_gone(std::move(gone)); }

}  // namespace atonce::http
