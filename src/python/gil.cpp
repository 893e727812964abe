#include "python/gil.h"

#ifndef Py_GIL_DISABLED
#error "atonce needs a free-threaded CPython (built with --disable-gil)"
#endif
#if PY_VERSION_HEX < 0x030D0000
#error "atonce needs CPython 3.13 or newer"
#endif

namespace atonce::python {

Result<GilMode> parse_gil_mode(std::string_view name) {
  if (name == "auto") return GilMode::automatic;
  if (name == "on") return GilMode::on;
  if (name == "off") return GilMode::off;
  return failure(ErrorCode::bad_input, "unknown GIL mode `" + std::string(name) + "`",
                 "use auto, on or off");
}

void set_gil_mode(PyConfig& config, GilMode mode) {
  // The values of -X gil, which CPython has no public names for; -1 leaves it to the modules.
  switch (mode) {
    case GilMode::automatic: config.enable_gil = -1; break;
    case GilMode::on: config.enable_gil = 1; break;
    case GilMode::off: config.enable_gil = 0; break;
  }
}

bool is_gil_on(const Attached&) {
  PyObject* const ask = PySys_GetObject("_is_gil_enabled");  // borrowed; sys keeps it
  if (ask == nullptr) return true;
  const Ref answer(PyObject_CallNoArgs(ask));
  if (!answer) {
    PyErr_Clear();
    return true;
  }
  return answer.get() == Py_True;
}

std::string python_version() { return PY_VERSION; }

void raise_in_thread(const Attached&, unsigned long thread_id, PyObject* exception_type) {
  PyThreadState_SetAsyncExc(thread_id, exception_type);
}

}  // namespace atonce::python
