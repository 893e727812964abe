// The seam for "who hears what a running call says, and answers what it asks". All methods do
// nothing by default, and nobody can be asked.
//
// Thread safety: called on the call's own thread, on that of the event loop, or on one that the
// user's function started; of one call many at a time. But for ask(), no method may block.
// Lifetime: kept until the last call of its turn has ended, which for one answered at its deadline
// is when its function returns. What such a call says is not passed on; a word that was on its way
// when the call was answered may still come.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace atonce::engine {

class CallListener {
 public:
  // `text` is the answers, JSON {"key": {...}, ...} with every key that was asked for; or, of a
  // refusal, why the caller cannot be asked, as words for the tool's author.
  // `unwind` says that the answers come with a later call: this one ends without a result, as
  // Cancelled and whatever its function does about it, and is made again with what is known then.
  struct Answer {
    enum class Kind { answered, unwind, refused } kind = Kind::refused;
    std::string text = {};
  };

  virtual ~CallListener() = default;

  // `done` of `total` units are finished. `done` is the user's number: it may not grow.
  virtual void on_progress(double /*done*/, std::optional<double> /*total*/,
                           std::string_view /*message*/) {}

  // `level` is one of MCP's eight; `logger` may be empty; `data` is JSON.
  virtual void on_log(std::string_view /*level*/, std::string_view /*logger*/,
                      std::string_view /*data*/) {}

  // "tools", "prompts" or "resources": that list has changed; else the address of a resource that
  // has.
  virtual void on_changed(std::string_view /*what*/) {}

  // Asks the caller for all of {"key": {"method": "elicitation/create", "params": {...}}, ...},
  // JSON. May block, until the deadline and not for long after the call was answered; nobody is
  // attached to Python meanwhile.
  [[nodiscard]] virtual Answer ask(std::string_view /*requests*/, Time /*deadline*/) {
    return {.kind = Answer::Kind::refused, .text = "nobody can be asked here"};
  }

  // What is known of the caller: JSON {"name", "version", "capabilities": {...}}, or {}.
  [[nodiscard]] virtual std::string client() { return "{}"; }
};

}  // namespace atonce::engine
