// What the detector saw in one run: two accesses that nothing orders, or an order of locks that can
// end in a deadlock.
//
// Thread safety: pure functions on values.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace atonce::check {

// What findings are called, in the order of how much they say.
inline constexpr std::string_view kKinds[] = {"lost_update",    "check_then_act", "data_race",
                                              "iterate_mutate", "lock_order",     "gil_enabled"};

// Whether it makes a check fail. In the order of weight.
enum class Level { note, warning, error };

// "error", "warning" or "note".
[[nodiscard]] std::string_view name_of(Level level);

struct Access {
  std::string op;  // read, write, read_write, iterate, delete, acquire
  std::string file;
  int line = 0;
  std::string function;  // its qualified name
  std::string thread;
  std::string call = {};  // the tool whose call this thread ran; empty for a thread of its own
  std::vector<std::string> locks = {};  // that the thread held
  std::string text = {};                // the expression, as it is written: "self.balance"

  friend bool operator==(const Access&, const Access&) = default;
};

struct Finding {
  std::string kind;
  Level level = Level::error;
  std::string variable;        // "Account.balance"; the module, when one turned the GIL on
  std::string element = {};    // of a container: its key, as repr() shows it
  std::string container = {};  // its type, where the finding is of one: "dict"
  // A lock was dropped between read and write, and nobody came in between yet.
  bool is_potential = false;
  // Only the test was seen, not two threads that acted on it.
  bool is_guess = false;
  std::vector<Access> accesses = {};
  std::string message = {};  // what else there is to say; mostly nothing
};

// A line of a file.
struct Place {
  std::string file;
  int line = 0;

  friend auto operator<=>(const Place&, const Place&) = default;
};

// Where threads are made to wait: at any element of what is accessed there, or at one only.
struct Wait {
  Place place;
  std::string element = {};  // as repr() shows its key; empty: any

  friend auto operator<=>(const Wait&, const Wait&) = default;
};

// Where the finding's accesses are: sorted, each once.
[[nodiscard]] std::vector<Place> places_of(const Finding& finding);
[[nodiscard]] bool share_a_place(const Finding& one, const Finding& other);

// One finding as the detector writes it, or an array of them. Errors: bad_response, when it is
// none.
[[nodiscard]] Result<Finding> read_finding(const json::View& object);
[[nodiscard]] Result<std::vector<Finding>> read_findings(const json::View& array);

}  // namespace atonce::check
