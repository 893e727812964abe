#include "python/toolset.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "base/text.h"
#include "call/serial_groups.h"
#include "python/convert.h"
#include "python/gil.h"

namespace atonce::python {
namespace {

constexpr double kLongestTimeoutSeconds = 365 * 86'400.0;
constexpr double kMostMegabytes = 1 << 24;  // 16 TiB: no limit to any machine

Ref import(const Attached&, const char* module) { return Ref(PyImport_ImportModule(module)); }

Ref list_of(const Attached&, std::span<const std::string> texts) {
  Ref list(PyList_New(0));
  for (const std::string& each : texts) {
    const Ref text(PyUnicode_FromStringAndSize(each.data(), static_cast<Py_ssize_t>(each.size())));
    if (!list || !text || PyList_Append(list.get(), text.get()) != 0) return nullptr;
  }
  return list;
}

std::vector<std::string> specs_of(const LoadOptions& options) {
  std::vector<std::string> specs;
  for (const ToolsSource& source : options.sources) specs.push_back(source.spec);
  return specs;
}

// They replace what the tools would import otherwise, so they come first.
Result<void> start_watches(const Attached& py, const LoadOptions& options) {
  const auto start = [&py](const char* module, const char* function) -> Result<void> {
    const Ref imported = import(py, module);
    const Ref told(imported ? PyObject_CallMethod(imported.get(), function, nullptr) : nullptr);
    if (!told) return std::unexpected(take_error(py));
    return {};
  };
  if (options.is_checked) return start("atonce._host.check", "install");
  if (options.watches_collector) {
    if (auto started = start("atonce._host.collector_watch", "watch_collector"); !started) {
      return started;
    }
  }
  return options.watches_locks ? start("atonce._host.lock_watch", "watch_locks") : Result<void>{};
}

ToolKind kind_of(const std::string& name) {
  static const std::map<std::string, ToolKind, std::less<>> kinds{
      {"generator", ToolKind::generator},
      {"async", ToolKind::async_function},
      {"async_generator", ToolKind::async_generator}};
  const auto at = kinds.find(name);
  return at == kinds.end() ? ToolKind::function : at->second;
}

call::Role role_of(const std::string& name) {
  static const std::map<std::string, call::Role, std::less<>> roles{
      {"resource", call::Role::resource},
      {"resource_template", call::Role::resource_template},
      {"prompt", call::Role::prompt},
      {"completion", call::Role::completion}};
  const auto at = roles.find(name);
  return at == roles.end() ? call::Role::tool : at->second;
}

call::Output read_output(const Attached& py, PyObject* tool) {
  const std::string mode = text_attribute(py, tool, "structured");
  return {.has_schema = flag_attribute(py, tool, "has_output"),
          .is_wrapped = flag_attribute(py, tool, "is_wrapped"),
          .mode = mode == "text"   ? call::StructuredMode::text
                  : mode == "only" ? call::StructuredMode::only
                                   : call::StructuredMode::both};
}

std::vector<call::HeaderParameter> read_headers(const Attached& py, PyObject* tool) {
  std::vector<call::HeaderParameter> headers;
  const Ref listed(PyObject_GetAttrString(tool, "headers"));
  if (!listed || !PyTuple_Check(listed.get())) return PyErr_Clear(), headers;
  for (Py_ssize_t at = 0; at < PyTuple_GET_SIZE(listed.get()); ++at) {
    const auto fields = to_texts(py, PyTuple_GET_ITEM(listed.get(), at));
    if (fields.size() != 3) continue;
    headers.push_back({.name = fields[0], .header = fields[1], .type = fields[2]});
  }
  return headers;
}

call::Policy read_policy(const Attached& py, PyObject* tool) {
  const Ref object(PyObject_GetAttrString(tool, "policy"));
  if (!object) return PyErr_Clear(), call::Policy{};
  PyObject* const policy = object.get();
  call::Policy read{.serial_group = text_attribute(py, policy, "serial_group"),
                    .retries = static_cast<unsigned>(number_attribute(py, policy, "retries")),
                    .isolation = text_attribute(py, policy, "isolation") == "process"
                                     ? call::Isolation::process
                                     : call::Isolation::thread,
                    .needs_approval = flag_attribute(py, policy, "approve"),
                    .is_destructive = flag_attribute(py, policy, "destructive")};
  if (const double most = number_attribute(py, policy, "max_concurrency"); most > 0) {
    read.max_concurrency = static_cast<std::size_t>(most);
  }
  if (const double megabytes = number_attribute(py, policy, "max_memory"); megabytes > 0) {
    read.max_memory_bytes = static_cast<std::size_t>(std::min(megabytes, kMostMegabytes)) << 20;
  }
  if (const double seconds = number_attribute(py, policy, "max_cpu"); seconds > 0) {
    read.max_processor_time =
        std::chrono::seconds(std::llround(std::min(seconds, kLongestTimeoutSeconds)));
  }
  if (const double seconds = number_attribute(py, policy, "timeout"); seconds > 0) {
    // In nanoseconds and added to the clock, more than this would not fit.
    const double bounded = std::clamp(seconds, 0.001, kLongestTimeoutSeconds);
    read.timeout = std::chrono::milliseconds(std::llround(bounded * 1000));
  }
  return read;
}

}  // namespace

Result<std::unique_ptr<Toolset>> Toolset::load(const Interpreter& interpreter,
                                               const LoadOptions& options) {
  std::unique_ptr<Toolset> toolset(new Toolset(interpreter));
  Result<void> filled;
  {
    const Attached py(interpreter.main_thread());
    filled = toolset->fill(py, options);
  }
  if (!filled) return std::unexpected(filled.error());
  return toolset;
}

Result<std::unique_ptr<Toolset>> Toolset::private_copy(const Toolset& toolset,
                                                       std::span<const std::string> names) {
  std::unique_ptr<Toolset> copy(new Toolset(toolset.interpreter_));
  Result<void> filled;
  {
    const Attached py(toolset.interpreter_.main_thread());
    filled = copy->fill_privately(py, toolset, names);
  }
  if (!filled) return std::unexpected(filled.error());
  return copy;
}

Toolset::~Toolset() {
  const Attached py(interpreter_.main_thread());
  for (PyObject* object : kept_) Py_DECREF(object);
}

PyObject* Toolset::keep(Ref object) {
  kept_.push_back(object.release());
  return kept_.back();
}

Result<void> Toolset::fill(const Attached& py, const LoadOptions& options) {
  const bool was_gil_on = is_gil_on(py);
  const Ref environment = import(py, "atonce._host.environment");
  const Ref user = list_of(py, options.user_packages);
  const Ref own = list_of(py, {options.own_packages});
  if (!environment || !user || !own) return std::unexpected(take_error(py));
  const Ref told(PyObject_CallMethod(environment.get(), "prepare", "OO", user.get(), own.get()));
  if (!told) return std::unexpected(take_error(py));
  for (Py_ssize_t at = 0; at < PyList_Size(told.get()); ++at) {
    const Ref warning(PyList_GetItemRef(told.get(), at));
    warnings_.push_back(to_text(py, warning.get()));
  }
  if (auto found = look_up_host(py); !found) return found;
  if (auto watched = start_watches(py, options); !watched) return watched;
  const Ref loader = import(py, "atonce._host.load");
  if (!loader) return std::unexpected(take_error(py));
  const Ref wanted = list_of(py, specs_of(options));
  if (!wanted) return std::unexpected(take_error(py));
  const Ref loaded(PyObject_CallMethod(loader.get(), "load_all", "Oiii", wanted.get(),
                                       options.is_module ? 1 : 0, options.is_strict ? 1 : 0,
                                       options.for_mcp ? 1 : 0));
  if (!loaded) return std::unexpected(take_error(py));
  for (std::string& warning : text_list_attribute(py, loaded.get(), "warnings")) {
    warnings_.push_back(std::move(warning));
  }
  gil_enablers_ = text_list_attribute(py, loaded.get(), "gil_enablers");
  const Ref tools(PyObject_GetAttrString(loaded.get(), "tools"));
  if (auto added = add_all(py, tools.get()); !added) return added;
  keep_serial(py, loaded.get(), options.sources);
  tool_count_ = specs_.size();
  const Ref offers(PyObject_GetAttrString(loaded.get(), "offers"));
  if (auto added = add_all(py, offers.get()); !added) return added;
  return was_gil_on ? Result<void>{} : judge_gil(py, options.requires_no_gil);
}

Result<void> Toolset::fill_privately(const Attached& py, const Toolset& original,
                                     std::span<const std::string> names) {
  if (auto found = look_up_host(py); !found) return found;
  const Ref copying = import(py, "atonce._host.private_copies");
  const Ref tools(PyTuple_New(static_cast<Py_ssize_t>(original.tools_.size())));
  const Ref wanted = names.empty() ? share(Py_None) : list_of(py, names);
  if (!copying || !tools || !wanted) return std::unexpected(take_error(py));
  for (std::size_t at = 0; at < original.tools_.size(); ++at) {
    PyTuple_SET_ITEM(tools.get(), static_cast<Py_ssize_t>(at), Py_NewRef(original.tools_[at].tool));
  }
  const Ref copies(
      PyObject_CallMethod(copying.get(), "private_tools", "OO", tools.get(), wanted.get()));
  if (!copies) return std::unexpected(take_error(py));
  auto added = add_all(py, copies.get());
  tool_count_ = specs_.size();
  return added;
}

Result<void> Toolset::add_all(const Attached& py, PyObject* listed) {
  const Ref tools(listed != nullptr ? PySequence_Tuple(listed) : nullptr);
  if (!tools) return std::unexpected(take_error(py));
  for (Py_ssize_t at = 0; at < PyTuple_GET_SIZE(tools.get()); ++at) {
    if (auto added = add(py, PyTuple_GET_ITEM(tools.get(), at)); !added) return added;
  }
  return {};
}

// A source's groups have the names that its tools have there.
void Toolset::keep_serial(const Attached& py, PyObject* loaded,
                          std::span<const ToolsSource> sources) {
  const Ref numbers(PyObject_GetAttrString(loaded, "sources"));
  const bool are_known = numbers && PyTuple_Check(numbers.get()) &&
                         PyTuple_GET_SIZE(numbers.get()) == static_cast<Py_ssize_t>(specs_.size());
  ATONCE_CHECK(are_known, "every tool has a source");
  std::vector<std::map<std::string, std::string>> names(sources.size());  // own -> here
  for (std::size_t at = 0; at < specs_.size(); ++at) {
    const auto number =
        PyLong_AsSize_t(PyTuple_GET_ITEM(numbers.get(), static_cast<Py_ssize_t>(at)));
    names.at(number)[text_attribute(py, tools_[at].tool, "own_name")] = specs_[at].name;
  }
  for (std::size_t at = 0; at < sources.size(); ++at) {
    std::vector<std::vector<std::string>> groups;
    for (const std::vector<std::string>& own : sources[at].serial_groups) {
      std::vector<std::string>& group = groups.emplace_back();
      for (const std::string& name : own) {
        const auto found = names[at].find(name);
        if (found != names[at].end()) group.push_back(found->second);
      }
    }
    call::keep_serial(specs_, groups);
  }
}

Result<void> Toolset::judge_gil(const Attached& py, bool requires_no_gil) {
  if (!is_gil_on(py)) return {};
  const std::string who =
      gil_enablers_.empty() ? "a module of the tools" : "the module " + in_backticks(gil_enablers_);
  const std::string what = who + " turned the GIL on: calls run one at a time";
  const std::string advice =
      "look for a version that supports free threading, or use --gil off if it is known to be safe";
  if (requires_no_gil) return failure(ErrorCode::bad_tools, what, advice);
  warnings_.push_back(what + " (" + advice + ")");
  return {};
}

Result<void> Toolset::look_up_host(const Attached& py) {
  const Ref bridge = import(py, "atonce._host.bridge");
  if (!bridge) return std::unexpected(take_error(py));
  const std::pair<const char*, PyObject**> wanted[] = {{"to_json", &host_.to_json},
                                                       {"TO_JSON_NAMES", &host_.to_json_names},
                                                       {"INF_NAN_MODE", &host_.to_json_values[0]},
                                                       {"BYTES_MODE", &host_.to_json_values[1]},
                                                       {"FALLBACK", &host_.to_json_values[2]},
                                                       {"revalidate", &host_.revalidate},
                                                       {"explain_invalid", &host_.explain_invalid},
                                                       {"describe_raised", &host_.describe_raised},
                                                       {"make_context", &host_.make_context},
                                                       {"drain", &host_.drain},
                                                       {"is_importing", &host_.is_importing},
                                                       {"run_loop", &host_.run_loop},
                                                       {"start_call", &host_.start_call},
                                                       {"CallTimedOut", &host_.timed_out_type},
                                                       {"CallCancelled", &host_.cancelled_type}};
  for (const auto& [name, place] : wanted) {
    Ref object(PyObject_GetAttrString(bridge.get(), name));
    if (!object) return std::unexpected(take_error(py));
    *place = keep(std::move(object));
  }
  return {};
}

Result<void> Toolset::add(const Attached& py, PyObject* tool) {
  Ref function(PyObject_GetAttrString(tool, "function"));
  Ref validate(PyObject_GetAttrString(tool, "validate"));
  Ref serialize(PyObject_GetAttrString(tool, "serialize"));
  Ref declarations(PyObject_GetAttrString(tool, "declarations"));
  Ref context(PyObject_GetAttrString(tool, "context_parameter"));
  if (!function || !validate || !serialize || !declarations || !context) {
    return std::unexpected(take_error(py));
  }
  const ToolKind kind = kind_of(text_attribute(py, tool, "kind"));
  call::ToolSpec spec{
      .name = text_attribute(py, tool, "name"),
      .description = text_attribute(py, tool, "description"),
      .input_schema = text_attribute(py, tool, "input_schema"),
      .policy = read_policy(py, tool),
      .is_async = kind == ToolKind::async_function || kind == ToolKind::async_generator,
      .role = role_of(text_attribute(py, tool, "role")),
      .subject = text_attribute(py, tool, "subject"),
      .output = read_output(py, tool),
      .headers = read_headers(py, tool)};
  const std::vector<std::string> texts = text_list_attribute(py, tool, "declarations");
  for (std::size_t at = 0; at < std::min(texts.size(), call::kDialects); ++at) {
    spec.declarations[at] = texts[at];
  }
  specs_.push_back(std::move(spec));
  const bool wants_context = PyObject_IsTrue(context.get()) == 1;
  const bool is_plain = serialize.get() == Py_None;
  tools_.push_back({.tool = keep(share(tool)),
                    .function = keep(std::move(function)),
                    .validate = keep(std::move(validate)),
                    .serialize = is_plain ? nullptr : keep(std::move(serialize)),
                    .context_parameter = wants_context ? keep(std::move(context)) : nullptr,
                    .kind = kind});
  return {};
}

}  // namespace atonce::python
