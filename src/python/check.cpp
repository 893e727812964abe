#include "python/check.h"

#include "python/attach.h"
#include "python/convert.h"

namespace atonce::python {
namespace {

constexpr const char* kSession = "atonce._host.check.session";

Ref text_of(const Attached&, std::string_view text) {
  return Ref(PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace"));
}

Ref list_of(const Attached& py, const std::vector<std::string>& texts) {
  Ref list(PyList_New(0));
  for (const std::string& each : texts) {
    const Ref text = text_of(py, each);
    if (!list || !text || PyList_Append(list.get(), text.get()) != 0) return nullptr;
  }
  return list;
}

// Calls a function of the session's with arguments that may be missing: making one has failed then.
template <typename... Arguments>
Result<Ref> ask(const Attached& py, const char* function, const Arguments&... arguments) {
  if ((!arguments || ...)) return std::unexpected(take_error(py));
  const Ref module(PyImport_ImportModule(kSession));
  const Ref found(module ? PyObject_GetAttrString(module.get(), function) : nullptr);
  Ref answer(found ? PyObject_CallFunctionObjArgs(found.get(), arguments.get()..., nullptr)
                   : nullptr);
  if (!answer) return std::unexpected(take_error(py));
  return answer;
}

}  // namespace

void prepare_check_rounds(const Interpreter& interpreter) {
  const Attached py(interpreter.main_thread());
  static_cast<void>(ask(py, "prepare_rounds"));
}

Result<std::string> run_check_round(const Interpreter& interpreter, const Toolset& toolset,
                                    std::string_view order) {
  const Attached py(interpreter.main_thread());
  Ref tools(PyList_New(0));
  for (std::size_t at = 0; tools && at < toolset.specs().size(); ++at) {
    if (PyList_Append(tools.get(), toolset.tool(at).tool) != 0) tools.reset();
  }
  const auto answer = ask(py, "run_round", tools, text_of(py, order));
  if (!answer) return std::unexpected(answer.error());
  return to_text(py, answer->get());
}

Result<std::vector<std::string>> make_check_arguments(const Interpreter& interpreter,
                                                      const Toolset& toolset, std::size_t tool,
                                                      std::size_t count,
                                                      const std::vector<std::string>& given) {
  const Attached py(interpreter.main_thread());
  const auto texts = ask(py, "make_arguments", share(toolset.tool(tool).tool),
                         Ref(PyLong_FromSize_t(count)), list_of(py, given));
  if (!texts) return std::unexpected(texts.error());
  return to_texts(py, texts->get());
}

std::vector<std::string> extension_modules(const Interpreter& interpreter) {
  const Attached py(interpreter.main_thread());
  const auto names = ask(py, "extension_modules");
  return names ? to_texts(py, names->get()) : std::vector<std::string>{};
}

Result<int> run_checked_program(const Interpreter& interpreter, const CheckedProgram& program) {
  const Attached py(interpreter.main_thread());
  const auto code = ask(
      py, "run_program", list_of(py, program.arguments), Ref(PyBool_FromLong(program.is_pytest)),
      Ref(PyLong_FromLong(program.sink)), Ref(PyLong_FromUnsignedLongLong(program.seed)),
      Ref(PyBool_FromLong(program.perturbs)), text_of(py, program.delays),
      list_of(py, program.user_packages), list_of(py, std::vector{program.own_packages}));
  if (!code) return std::unexpected(code.error());
  return static_cast<int>(PyLong_AsLong(code->get()));
}

}  // namespace atonce::python
