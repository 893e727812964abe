#include "python/probe.h"

#include <utility>

#include "python/convert.h"
#include "python/gil.h"
#include "python/invoke.h"

namespace atonce::python {
namespace {

// Calls a function of one of the host's modules; what it raises is the error.
template <typename... Arguments>
Result<Ref> ask(const Attached& py, const char* module, const char* function,
                Arguments... arguments) {
  const Ref imported(PyImport_ImportModule(module));
  const Ref found(imported ? PyObject_GetAttrString(imported.get(), function) : nullptr);
  Ref answer(found ? PyObject_CallFunctionObjArgs(found.get(), arguments..., nullptr) : nullptr);
  if (!answer) return std::unexpected(take_error(py));
  return answer;
}

Result<std::string> ask_text(const Attached& py, const char* module, const char* function,
                             PyObject* first, PyObject* second = nullptr) {
  const auto answer = ask(py, module, function, first, second);
  if (!answer) return std::unexpected(answer.error());
  return to_text(py, answer->get());
}

Duration to_duration(PyObject* nanoseconds) { return Duration(PyLong_AsLongLong(nanoseconds)); }

Result<LockWait> read_wait(const Attached& py, PyObject* wait) {
  if (!PyTuple_Check(wait) || PyTuple_GET_SIZE(wait) != 4) {
    return failure(ErrorCode::internal, "the lock watch did not give (name, place, ns, waits)");
  }
  LockWait read{.name = to_text(py, PyTuple_GET_ITEM(wait, 0)),
                .place = to_text(py, PyTuple_GET_ITEM(wait, 1)),
                .waited = to_duration(PyTuple_GET_ITEM(wait, 2)),
                .waits = PyLong_AsUnsignedLongLong(PyTuple_GET_ITEM(wait, 3))};
  if (PyErr_Occurred() != nullptr) return std::unexpected(take_error(py));
  return read;
}

}  // namespace

Probe::Probe(const Interpreter& interpreter, const Toolset& toolset)
    : interpreter_(interpreter), toolset_(toolset) {
  const Attached py(interpreter_.main_thread());
  auto list = ask(py, "atonce._host.gil", "keep_watching_gil");
  if (list) later_enablers_ = list->release();
}

Probe::~Probe() {
  const Attached py(interpreter_.main_thread());
  Py_XDECREF(later_enablers_);
}

Result<CollectorPauses> Probe::take_pauses() {
  const Attached py(interpreter_.main_thread());
  const auto pauses = ask(py, "atonce._host.collector_watch", "take_pauses");
  if (!pauses) return std::unexpected(pauses.error());
  if (!PyTuple_Check(pauses->get()) || PyTuple_GET_SIZE(pauses->get()) != 2) {
    return failure(ErrorCode::internal, "the collector watch did not give (collections, ns)");
  }
  const CollectorPauses read{.collections = PyLong_AsSize_t(PyTuple_GET_ITEM(pauses->get(), 0)),
                             .paused = to_duration(PyTuple_GET_ITEM(pauses->get(), 1))};
  if (PyErr_Occurred() != nullptr) return std::unexpected(take_error(py));
  return read;
}

Result<std::vector<LockWait>> Probe::take_lock_waits(std::size_t tool) {
  const Attached py(interpreter_.main_thread());
  const auto told = ask(py, "atonce._host.probing", "take_lock_waits", toolset_.tool(tool).tool);
  if (!told) return std::unexpected(told.error());
  const Ref waits(PySequence_Tuple(told->get()));
  if (!waits) return std::unexpected(take_error(py));
  std::vector<LockWait> read;
  for (Py_ssize_t at = 0; at < PyTuple_GET_SIZE(waits.get()); ++at) {
    auto wait = read_wait(py, PyTuple_GET_ITEM(waits.get(), at));
    if (!wait) return std::unexpected(wait.error());
    read.push_back(*std::move(wait));
  }
  return read;
}

bool Probe::is_gil_on() const { return python::is_gil_on(Attached(interpreter_.main_thread())); }

std::vector<std::string> Probe::gil_enablers() const {
  std::vector<std::string> all(toolset_.gil_enablers().begin(), toolset_.gil_enablers().end());
  if (later_enablers_ == nullptr) return all;
  const Attached py(interpreter_.main_thread());
  for (std::string& name : to_texts(py, later_enablers_)) all.push_back(std::move(name));
  return all;
}

Result<std::string> Probe::sample_arguments(std::size_t tool) const {
  const Attached py(interpreter_.main_thread());
  return ask_text(py, "atonce._host.sample_arguments", "sample", toolset_.tool(tool).tool);
}

Result<void> Probe::check_arguments(std::size_t tool, std::string_view json) const {
  const call::Call call{
      .id = "", .name = toolset_.specs()[tool].name, .arguments = std::string(json)};
  engine::CallControl control;
  const Attached py(interpreter_.main_thread());
  const auto read = read_arguments(py, toolset_, toolset_.tool(tool), call, control);
  if (read) return {};
  return failure(ErrorCode::bad_input, call::describe(read.error()));
}

Result<std::string> Probe::pickle_arguments(std::size_t tool, std::string_view json) const {
  const Attached py(interpreter_.main_thread());
  const Ref raw(PyBytes_FromStringAndSize(json.data(), static_cast<Py_ssize_t>(json.size())));
  if (!raw) return std::unexpected(take_error(py));
  return ask_text(py, "atonce._host.pickled", "pickle_arguments", toolset_.tool(tool).tool,
                  raw.get());
}

Result<std::vector<std::string>> Probe::shared_candidates(std::size_t tool) const {
  const Attached py(interpreter_.main_thread());
  const auto names = ask(py, "atonce._host.probing", "shared_candidates", toolset_.tool(tool).tool);
  if (!names) return std::unexpected(names.error());
  return to_texts(py, names->get());
}

}  // namespace atonce::python
