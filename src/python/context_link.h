// What a call's Context reaches of the engine while the call runs: whether it is still wanted, and
// the listener that hears what it says and answers what it asks.
//
// A tool may keep its Context beyond the call, in a thread of its own for one. So the two are
// parted when the link is cut, and from then on the Context is told that nobody waits, and tells
// nobody.
#pragma once

#include "engine/backend.h"
#include "python/attach.h"

namespace atonce::python {

// Cut or destroyed while attached, before the engine is given the call's outcome.
class ContextLink final {
 public:
  ContextLink() = default;
  ContextLink(const Attached& py, const engine::CallControl& control);
  ContextLink(ContextLink&&) = default;
  ContextLink& operator=(ContextLink&& other) noexcept;
  ~ContextLink() { cut(); }

  void cut();

  // Whether a question of the call was answered by "unwind": then the call ends without a result,
  // whatever its function gives.
  [[nodiscard]] bool is_unwinding() const;

  // The two callables for Python, `is_stopped() -> bool` and `tell(what, ...)`, whose words are
  // listed in python/atonce/_host/contexts.py; nullptr with an exception set.
  [[nodiscard]] Ref is_stopped(const Attached& py) const;
  [[nodiscard]] Ref tell(const Attached& py) const;

 private:
  [[nodiscard]] Ref make_callable(PyMethodDef& method) const;

  Ref capsule_;
};

}  // namespace atonce::python
