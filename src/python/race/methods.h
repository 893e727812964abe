// What the methods of lists, dictionaries, sets, deques and queues do to them.
#pragma once

#include <cstdint>
#include <string_view>

#include "python/attach.h"
#include "python/race/containers.h"

namespace atonce::python::race {

// How a method treats its container; more than one can be so.
enum Treatment : std::uint16_t {
  kNothing = 0,
  kReadsElement = 1,  // of the first argument
  kWritesElement = 2,
  kReadsWhole = 4,
  kGrowsWhole = 8,
  kShrinksWhole = 16,
  kPutsArguments = 32,        // references among the arguments go into it
  kPutsAll = 64,              // what the arguments contain does
  kTakesResult = 128,         // the result was in it
  kTakesAll = 256,            // all that is in it may be in the result
  kAtomicWrite = 512,         // does not depend on what was read before
  kAtomicWithDefault = 1024,  // so it is when there is a second argument
  kWritesGiven = 2048,        // elements: the keys of a mapping and the keywords that are given
  kCounts = 4096,             // every count is read and written again
};

// Of a method that Python itself gives such a container; kNothing for one that is not watched.
[[nodiscard]] std::uint16_t treatment_of(Shape shape, std::string_view method);

// Of one that the type has in Python: `found` is it.
[[nodiscard]] std::uint16_t treatment_of_own(PyObject* found);

// What a call of a method of that name may do to a container of any shape, as core::Effect.
[[nodiscard]] std::uint8_t effects_of_method(std::string_view method);

}  // namespace atonce::python::race
