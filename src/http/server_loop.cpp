#include "http/server_loop.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace atonce::http {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kDefaultMaxBodyBytes = std::size_t{4} << 20;
// Connections beyond the limit that may be told so at the same time.
constexpr std::size_t kMaxRefused = 64;

std::chrono::milliseconds sweep_interval(const ServerOptions& options) {
  const auto shortest = std::min(
      {options.header_timeout, options.body_timeout, options.idle_timeout, options.write_timeout});
  return std::clamp<std::chrono::milliseconds>(shortest / 8, 1ms, 1s);
}

// A session leaves its list when it ends, so what may end sessions goes over a copy.
template <typename Wanted>
std::vector<std::shared_ptr<Session>> select(const std::list<Session*>& sessions, Wanted wanted) {
  std::vector<std::shared_ptr<Session>> selected;
  for (Session* const session : sessions) {
    if (wanted(*session)) selected.push_back(session->shared_from_this());
  }
  return selected;
}

bool any(const Session&) { return true; }

}  // namespace

void Activity::end() {
  if (--requests_ > 0 || !is_waited_for_) return;
  const std::lock_guard lock(mutex_);
  none_.notify_all();
}

bool Activity::wait_until_none(std::chrono::milliseconds at_most) {
  std::unique_lock lock(mutex_);
  is_waited_for_ = true;
  return none_.wait_for(lock, at_most, [this] { return requests_ == 0; });
}

Loop::Loop(const ServerOptions& options, const Handler& handler, Activity& activity)
    : options_(options),
      handler_(handler),
      activity_(activity),
      sweep_every_(sweep_interval(options)),
      now_(Session::Clock::now()) {}

Loop::~Loop() = default;

void Loop::start_sweeping() {
  sweeper_.expires_after(sweep_every_);
  sweeper_.async_wait([this](const boost::system::error_code& error) {
    if (error || is_closed_) return;
    sweep();
    start_sweeping();
  });
}

void Loop::sweep() {
  now_ = Session::Clock::now();
  const auto is_late = [this](const Session& session) { return session.is_late(now_); };
  for (const auto& session : select(idle_, is_late)) session->expire();
  for (const auto& session : select(busy_, is_late)) session->expire();
  settle();
}

void Loop::settle() {
  for (const auto& session : select(busy_, any)) session->settle();
}

// Since now_ is from before, nobody gets less than what was promised.
Session::Clock::time_point Loop::deadline_after(std::chrono::milliseconds time) const {
  return now_ + time + sweep_every_;
}

std::size_t Loop::max_connections() const {
  return std::max<std::size_t>(
      1, options_.max_connections / std::max<std::size_t>(1, options_.threads));
}

std::size_t Loop::max_body_bytes(std::string_view method, std::string_view target) const {
  return options_.max_body_bytes ? options_.max_body_bytes(method, target) : kDefaultMaxBodyBytes;
}

void Loop::admit(ServerSocket socket) {
  if (is_draining_ || is_closed_) return;
  if (idle_.size() + busy_.size() >= max_connections()) {
    settle();
    close_longest_idle();
  }
  const std::size_t there = idle_.size() + busy_.size();
  if (there >= max_connections() + kMaxRefused) return;
  const bool is_refused = there >= max_connections();
  std::make_shared<Session>(*this, std::move(socket), tls_.get(), is_refused)->start();
}

void Loop::close_longest_idle() {
  if (!idle_.empty()) idle_.front()->shared_from_this()->abort();
}

void Loop::drain() {
  is_draining_ = true;
  for (const auto& session : select(busy_, any)) session->end_keep_alive();
  for (const auto& session :
       select(idle_, [](const Session& each) { return !each.is_leaving(); })) {
    session->abort();
  }
}

void Loop::close() {
  is_draining_ = is_closed_ = true;
  sweeper_.cancel();
  for (const auto& session : select(idle_, any)) session->abort();
  for (const auto& session : select(busy_, any)) session->abort();
}

void Loop::add(Session& session) { session.place_ = idle_.insert(idle_.end(), &session); }

void Loop::move_to_idle(Session& session) {
  idle_.splice(idle_.end(), busy_, session.place_);
  activity_.end();
}

void Loop::move_to_busy(Session& session) {
  busy_.splice(busy_.end(), idle_, session.place_);
  activity_.begin();
}

void Loop::remove(Session& session) {
  if (session.is_busy_) move_to_idle(session);
  idle_.erase(session.place_);
}

}  // namespace atonce::http
