#include "python/race/methods.h"

#include <array>

namespace atonce::python::race {
namespace {

struct Method {
  std::string_view name;
  int treatment;
};

constexpr int kMovesWhole = kGrowsWhole | kShrinksWhole;

constexpr std::array kList = {
    Method{"append", kGrowsWhole | kPutsArguments},
    Method{"extend", kGrowsWhole | kPutsAll},
    Method{"insert", kMovesWhole | kPutsArguments},
    Method{"pop", kShrinksWhole | kTakesResult},
    Method{"remove", kShrinksWhole},
    Method{"clear", kShrinksWhole},
    Method{"sort", kMovesWhole},
    Method{"reverse", kMovesWhole},
    Method{"index", kReadsWhole},
    Method{"count", kReadsWhole},
    Method{"copy", kReadsWhole | kTakesAll},
};

constexpr std::array kDict = {
    Method{"get", kReadsElement | kTakesResult},
    Method{"pop", kWritesElement | kShrinksWhole | kTakesResult | kAtomicWithDefault},
    Method{"popitem", kShrinksWhole | kTakesResult},
    Method{"setdefault",
           kWritesElement | kGrowsWhole | kPutsArguments | kTakesResult | kAtomicWrite},
    Method{"update", kWritesGiven | kGrowsWhole | kPutsAll},
    Method{"clear", kShrinksWhole},
    Method{"copy", kReadsWhole | kTakesAll},
    Method{"keys", kTakesAll},
    Method{"values", kTakesAll},
    Method{"items", kTakesAll},
    Method{"move_to_end", kWritesElement | kMovesWhole},
    Method{"subtract", kGrowsWhole},
};

constexpr std::array kSet = {
    Method{"add", kWritesElement | kGrowsWhole | kPutsArguments},
    Method{"discard", kWritesElement | kShrinksWhole | kAtomicWrite},
    Method{"remove", kWritesElement | kShrinksWhole},
    Method{"pop", kShrinksWhole | kTakesResult},
    Method{"update", kGrowsWhole | kPutsAll},
    Method{"clear", kShrinksWhole},
    Method{"difference_update", kShrinksWhole},
    Method{"intersection_update", kShrinksWhole},
    Method{"symmetric_difference_update", kMovesWhole},
    Method{"copy", kReadsWhole | kTakesAll},
};

constexpr std::array kDeque = {
    Method{"append", kGrowsWhole | kPutsArguments},
    Method{"appendleft", kGrowsWhole | kPutsArguments},
    Method{"extend", kGrowsWhole | kPutsAll},
    Method{"extendleft", kGrowsWhole | kPutsAll},
    Method{"insert", kMovesWhole | kPutsArguments},
    Method{"pop", kShrinksWhole | kTakesResult},
    Method{"popleft", kShrinksWhole | kTakesResult},
    Method{"remove", kShrinksWhole},
    Method{"clear", kShrinksWhole},
    Method{"rotate", kMovesWhole},
    Method{"reverse", kMovesWhole},
    Method{"index", kReadsWhole},
    Method{"count", kReadsWhole},
    Method{"copy", kReadsWhole | kTakesAll},
};

constexpr std::array kQueue = {
    Method{"put", kGrowsWhole},          Method{"put_nowait", kGrowsWhole},
    Method{"get_nowait", kShrinksWhole}, Method{"empty", kReadsWhole},
    Method{"full", kReadsWhole},         Method{"qsize", kReadsWhole},
};

template <typename Table>
std::uint16_t find_in(const Table& table, std::string_view name) {
  for (const Method& method : table) {
    if (method.name == name) return static_cast<std::uint16_t>(method.treatment);
  }
  return kNothing;
}

}  // namespace

std::uint16_t treatment_of(Shape shape, std::string_view method) {
  switch (shape) {
    case Shape::list: return find_in(kList, method);
    case Shape::dict: return find_in(kDict, method);
    case Shape::set: return find_in(kSet, method);
    case Shape::deque: return find_in(kDeque, method);
    case Shape::queue: return find_in(kQueue, method);
    case Shape::iterator:
    case Shape::other:
    case Shape::none: break;
  }
  return kNothing;
}

// Counter.update() and subtract() get each count and set it anew, with no lock around both.
std::uint16_t treatment_of_own(PyObject* found) {
  static const std::array<Ref, 2> counting = [] {
    const Ref collections(PyImport_ImportModule("collections"));
    const Ref type(collections ? PyObject_GetAttrString(collections.get(), "Counter") : nullptr);
    const auto find = [&type](const char* name) {
      return Ref(type ? PyObject_GetAttrString(type.get(), name) : nullptr);
    };
    std::array<Ref, 2> methods{find("update"), find("subtract")};
    PyErr_Clear();
    return methods;
  }();
  const bool counts = found == counting[0].get() || found == counting[1].get();
  return counts ? std::uint16_t{kCounts | kGrowsWhole} : std::uint16_t{kNothing};
}

std::uint8_t effects_of_method(std::string_view method) {
  std::uint8_t effects = core::kNoEffect;
  for (const Shape shape : {Shape::list, Shape::dict, Shape::set, Shape::deque, Shape::queue}) {
    const std::uint16_t treatment = treatment_of(shape, method);
    if ((treatment & kAtomicWrite) != 0) continue;
    if ((treatment & (kWritesElement | kWritesGiven)) != 0) effects |= core::kChanges;
    if ((treatment & kGrowsWhole) != 0) effects |= core::kGrows;
    if ((treatment & kShrinksWhole) != 0) effects |= core::kShrinks;
  }
  return effects;
}

}  // namespace atonce::python::race
