#include "python/subinterpreter_backend.h"

#include <utility>

#include "python/convert.h"
#include "python/invoke.h"

namespace atonce::python {

class SubinterpreterLane final : public engine::Lane {
 public:
  SubinterpreterLane(SubinterpreterBackend& backend, std::size_t number)
      : backend_(backend),
        name_("subinterpreter-" + std::to_string(number)),
        main_(backend.interpreter_.state()) {
    auto opened = Subinterpreter::open(main_, backend.options_);
    if (opened) {
      apart_ = *std::move(opened);
    } else {
      reason_ = opened.error().message;
      backend.note(opened.error());
    }
  }

  [[nodiscard]] std::string_view name() const override { return name_; }

  [[nodiscard]] call::Outcome run(std::size_t tool, const call::Call& call,
                                  engine::CallControl& control) override {
    if (!apart_) return call::NotStarted{reason_};
    const Tool& objects = backend_.toolset_.tool(tool);
    const auto arguments = pickle_arguments(objects, call, control);
    if (!arguments) return arguments.error();
    if (control.is_stopped.load()) return call::Cancelled{};
    const bool is_pickled = objects.serialize != nullptr;
    auto answer = apart_->call(backend_.tools_[tool].name, *arguments, is_pickled, control);
    if (auto* outcome = std::get_if<call::Outcome>(&answer)) return std::move(*outcome);
    return read_result(objects, std::get<Subinterpreter::Pickled>(answer).result);
  }

  void interrupt(std::uint64_t) override {}

 private:
  [[nodiscard]] std::expected<std::string, call::Outcome> pickle_arguments(
      Tool tool, const call::Call& call, engine::CallControl& control) const {
    const Attached py(main_.get());
    tool.context_parameter = nullptr;  // its interpreter makes its own
    const auto read = read_arguments(py, backend_.toolset_, tool, call, control);
    if (!read) return std::unexpected(read.error());
    const Ref both(PyTuple_Pack(2, read->args.get(), read->kwargs.get()));
    const Ref pickled(both ? PyObject_CallOneArg(backend_.dumps_, both.get()) : nullptr);
    if (pickled) return to_text(py, pickled.get());
    return std::unexpected(call::NotStarted{
        "the arguments cannot be handed to another interpreter: " + take_error(py).message});
  }

  [[nodiscard]] call::Outcome read_result(const Tool& tool, const std::string& pickled) const {
    const Attached py(main_.get());
    const Ref bytes(
        PyBytes_FromStringAndSize(pickled.data(), static_cast<Py_ssize_t>(pickled.size())));
    const Ref result(bytes ? PyObject_CallOneArg(backend_.loads_, bytes.get()) : nullptr);
    return result ? to_outcome(py, backend_.toolset_, tool, result.get())
                  : take_raised(py, backend_.toolset_);
  }

  SubinterpreterBackend& backend_;
  const std::string name_;
  const ThreadState main_;
  std::unique_ptr<Subinterpreter> apart_;
  std::string reason_;  // why there is none
};

Result<std::unique_ptr<SubinterpreterBackend>> SubinterpreterBackend::make(
    const Interpreter& interpreter, const Toolset& toolset, const LoadOptions& options) {
  std::unique_ptr<SubinterpreterBackend> backend(new SubinterpreterBackend(interpreter, toolset));
  if (auto prepared = backend->prepare(options); !prepared) {
    return std::unexpected(prepared.error());
  }
  return backend;
}

SubinterpreterBackend::SubinterpreterBackend(const Interpreter& interpreter, const Toolset& toolset)
    : interpreter_(interpreter),
      toolset_(toolset),
      tools_(toolset.specs().begin(), toolset.specs().end()) {
  for (call::ToolSpec& tool : tools_) tool.is_async = false;
}

Result<void> SubinterpreterBackend::prepare(const LoadOptions& options) {
  const Attached py(interpreter_.main_thread());
  options_ = {.spec = options.sources.front().spec,
              .is_module = options.is_module,
              .search_path = to_texts(py, PySys_GetObject("path"))};
  const Ref pickle(PyImport_ImportModule("pickle"));
  if (!pickle) return std::unexpected(take_error(py));
  dumps_ = PyObject_GetAttrString(pickle.get(), "dumps");
  loads_ = PyObject_GetAttrString(pickle.get(), "loads");
  if (dumps_ == nullptr || loads_ == nullptr) return std::unexpected(take_error(py));
  return {};
}

SubinterpreterBackend::~SubinterpreterBackend() {
  const Attached py(interpreter_.main_thread());
  Py_XDECREF(dumps_);
  Py_XDECREF(loads_);
}

std::unique_ptr<engine::Lane> SubinterpreterBackend::open_lane(std::size_t number) {
  return std::make_unique<SubinterpreterLane>(*this, number);
}

void SubinterpreterBackend::start_async(std::size_t, const call::Call&, engine::CallControl&,
                                        AsyncDone done) {
  done(call::NotStarted{"no tool is async in an interpreter of its own"});
}

std::optional<Error> SubinterpreterBackend::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

void SubinterpreterBackend::note(const Error& error) {
  const std::lock_guard lock(mutex_);
  if (!failure_) failure_ = error;
}

}  // namespace atonce::python
