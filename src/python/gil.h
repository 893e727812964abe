// Everything about the GIL and about differences between CPython's versions and builds.
// gil.cpp is the only file that names such things.
#pragma once

#include <Python.h>

#include <string>
#include <string_view>

#include "base/result.h"
#include "python/attach.h"

namespace atonce::python {

// What the person asked for: off unless a module needs it, forced on, or forced off.
enum class GilMode { automatic, on, off };

// "auto", "on" or "off". Errors: bad_input.
[[nodiscard]] Result<GilMode> parse_gil_mode(std::string_view name);

// Puts the mode into the configuration of an interpreter to be started.
void set_gil_mode(PyConfig& config, GilMode mode);

// Whether the GIL is on now. It can come on at any import, so ask again after each.
[[nodiscard]] bool is_gil_on(const Attached& py);

// "3.13.5" and so on, of the Python inside.
[[nodiscard]] std::string python_version();

// Makes the thread (PyThreadState's thread_id) raise an exception at its next chance; nullptr takes
// back what has not been raised yet.
void raise_in_thread(const Attached& py, unsigned long thread_id, PyObject* exception_type);

}  // namespace atonce::python
