#include "model/turn_calls.h"

#include <utility>

namespace atonce::model {

TurnCalls::~TurnCalls() {
  if (is_running_) static_cast<void>(give_up());
}

void TurnCalls::start(const call::Call& call) {
  runner_->start({call});
  started_.push_back(call);
  is_taken_.push_back(false);
  is_running_ = true;
  if (is_cancelled_) runner_->cancel();
}

void TurnCalls::cancel() {
  is_cancelled_ = true;
  runner_->cancel();
}

call::Reply TurnCalls::give_up() {
  runner_->cancel();
  is_running_ = false;
  return runner_->wait();
}

call::Reply TurnCalls::run(std::span<const call::Call> calls, const Object& object) {
  std::vector<Source> sources = start_rest(calls, object);
  is_running_ = false;
  call::Reply ran = runner_->wait();
  call::Reply reply{.calls = {}, .elapsed = ran.elapsed};
  for (std::size_t at = 0; at < calls.size(); ++at) {
    Source& source = sources[at];
    if (source.objection) {
      reply.calls.push_back({.call = calls[at], .outcome = *std::move(source.objection)});
    } else {
      reply.calls.push_back(std::move(ran.calls[source.place]));
    }
  }
  return reply;
}

// All that are left start together.
std::vector<TurnCalls::Source> TurnCalls::start_rest(std::span<const call::Call> calls,
                                                     const Object& object) {
  std::vector<Source> sources;
  std::vector<call::Call> rest;
  for (const call::Call& call : calls) {
    if (const auto place = take_started(call)) {
      sources.push_back({.place = *place});
    } else if (auto objection = object(call)) {
      sources.push_back({.objection = std::move(objection)});
    } else {
      sources.push_back({.place = started_.size() + rest.size()});
      rest.push_back(call);
    }
  }
  if (!rest.empty()) runner_->start(std::move(rest));
  if (is_cancelled_) runner_->cancel();
  return sources;
}

// Equal calls are not one call: each takes one of those started.
std::optional<std::size_t> TurnCalls::take_started(const call::Call& call) {
  for (std::size_t at = 0; at < started_.size(); ++at) {
    if (is_taken_[at] || started_[at] != call) continue;
    is_taken_[at] = true;
    return at;
  }
  return std::nullopt;
}

}  // namespace atonce::model
