#include "serve/mcp_service.h"

#include <utility>

#include "protocol/json_fields.h"
#include "protocol/mcp_http.h"
#include "protocol/mcp_result.h"

namespace atonce::serve {
namespace {

using json::Kind;
using json::View;
using protocol::text_of;
using protocol::mcp::Revision;
using protocol::mcp::RpcError;

constexpr std::string_view kListLives = R"(,"ttlMs":60000,"cacheScope":"public")";
constexpr std::string_view kReadLives = R"(,"ttlMs":0,"cacheScope":"private")";
constexpr std::size_t kMostCompletions = 100;

RpcError invalid_params(std::string why) { return {protocol::mcp::kInvalidParams, std::move(why)}; }

void fail(const Asked& asked, Peer& peer, const RpcError& error) {
  const int status = asked.is_modern() ? protocol::mcp::status_of(error.code) : 200;
  peer.finish(protocol::mcp::write_error(asked.id(), error), status);
}

// What may be checked of the arguments' headers without looking into nested objects.
std::optional<RpcError> check_headers(const call::ToolSpec& tool,
                                      const std::optional<View>& arguments,
                                      const FindHeaders& find) {
  for (const call::HeaderParameter& each : tool.headers) {
    const std::string name = "Mcp-Param-" + each.header;
    const auto headers = find(name);
    const auto value = arguments ? arguments->find(each.name) : std::nullopt;
    const bool is_given = value && !value->is(Kind::null);
    const bool fits =
        is_given ? headers.size() == 1 && protocol::mcp::header_says(headers.front(), *value)
                 : headers.empty();
    if (fits) continue;
    return RpcError{protocol::mcp::kHeaderMismatch,
                    "the header " + name + " must say what `arguments." + each.name + "` does"};
  }
  return std::nullopt;
}

// {"name", "version"}
std::string write_server(const ServerInfo& info) {
  json::Writer writer;
  writer.begin_object().key("name").string(info.name).key("version").string(info.version);
  return writer.end_object().take();
}

}  // namespace

McpService::McpService(const Catalogue& catalogue, engine::Scheduler& scheduler, Sessions& sessions,
                       Subscribers& subscribers, Clock& clock, ServerInfo info)
    : catalogue_(catalogue),
      scheduler_(scheduler),
      sessions_(sessions),
      subscribers_(subscribers),
      rounds_(clock),
      info_(std::move(info)),
      server_(write_server(info_)) {}

// `members` are those of the result, without braces.
void McpService::answer(const Asked& asked, Peer& peer, std::string_view members,
                        std::string_view type) const {
  peer.finish(protocol::mcp::write_result(asked.id(), asked.revision, type, members, server_), 200);
}

void McpService::handle(Asked asked, std::shared_ptr<Peer> peer, const FindHeaders* headers) {
  const Method method = find_method(asked);
  if (method == nullptr) {
    return fail(asked, *peer,
                {protocol::mcp::kMethodNotFound,
                 "there is no method `" + std::string(asked.method()) + "` here"});
  }
  const auto params = asked.message->params();
  if (params && !params->is(Kind::object)) {
    return fail(asked, *peer, invalid_params("`params` must be an object"));
  }
  const auto level = asked.message->meta("io.modelcontextprotocol/logLevel");
  if (asked.is_modern() && level && !place_of_level(level->as_string().value_or(""))) {
    return fail(asked, *peer, invalid_params("`" + text_of(level) + "` is no level of logging"));
  }
  if (headers != nullptr && asked.is_modern() && asked.method() == "tools/call") {
    const auto* const tool = catalogue_.find_tool(asked.message->text_param("name"));
    const auto arguments = asked.message->param("arguments");
    const auto wrong = tool != nullptr && !tool->headers.empty()
                           ? check_headers(*tool, arguments, *headers)
                           : std::nullopt;
    if (wrong) return fail(asked, *peer, *wrong);
  }
  (this->*method)(asked, peer);
}

// By name, era, and whether there is anything of the kind.
McpService::Method McpService::find_method(const Asked& asked) const {
  const std::string_view name = asked.method();
  const bool has_resources = catalogue_.has(Listed::resources) || catalogue_.has(Listed::templates);
  const bool has_prompts = catalogue_.has(Listed::prompts);
  if (name == "tools/call") return &McpService::call_tool;
  if (name == "tools/list") return &McpService::list_tools;
  if (has_prompts && name == "prompts/list") return &McpService::list_prompts;
  if (has_prompts && name == "prompts/get") return &McpService::get_prompt;
  if (has_resources && name == "resources/list") return &McpService::list_resources;
  if (has_resources && name == "resources/templates/list") return &McpService::list_templates;
  if (has_resources && name == "resources/read") return &McpService::read_resource;
  if (name == "completion/complete") return &McpService::complete;
  if (asked.is_modern()) {
    if (name == "server/discover") return &McpService::discover;
    if (name == "subscriptions/listen") return &McpService::listen;
    return nullptr;
  }
  if (name == "ping") return &McpService::ping;
  if (name == "logging/setLevel") return &McpService::set_level;
  if (has_resources && name == "resources/subscribe") return &McpService::subscribe;
  if (has_resources && name == "resources/unsubscribe") return &McpService::unsubscribe;
  return nullptr;
}

void McpService::take(const Asked& asked) {
  if (!asked.session) return;
  if (asked.message->kind() == protocol::mcp::Message::Kind::response) {
    const auto result = asked.message->result();
    const auto error = asked.message->error();
    asked.session->answer(asked.id(), result  ? std::string(result->raw())
                                      : error ? R"({"error":)" + std::string(error->raw()) + "}"
                                              : "{}");
  } else if (asked.method() == "notifications/cancelled") {
    const auto id = asked.message->param("requestId");
    if (id) asked.session->cancel(std::string(id->raw()));
  }
}

// ---- what the server is

// Logging is no capability of the modern revisions any more: a request says whether it wants it.
std::string McpService::capabilities(Revision revision) const {
  json::Writer writer;
  writer.begin_object();
  writer.key("tools").begin_object().key("listChanged").boolean(true).end_object();
  if (catalogue_.has(Listed::prompts)) {
    writer.key("prompts").begin_object().key("listChanged").boolean(true).end_object();
  }
  if (catalogue_.has(Listed::resources) || catalogue_.has(Listed::templates)) {
    writer.key("resources").begin_object().key("subscribe").boolean(true);
    writer.key("listChanged").boolean(true).end_object();
  }
  if (revision >= Revision::v2025_03_26) writer.key("completions").begin_object().end_object();
  if (!is_modern(revision)) writer.key("logging").begin_object().end_object();
  return writer.end_object().take();
}

std::string McpService::initialize_result(Revision revision) const {
  json::Writer writer;
  writer.begin_object().key("protocolVersion").string(name_of(revision));
  writer.key("capabilities").raw(capabilities(revision)).key("serverInfo").raw(server_);
  if (!info_.instructions.empty()) writer.key("instructions").string(info_.instructions);
  writer.end_object();
  return writer.take();
}

void McpService::discover(const Asked& asked, const std::shared_ptr<Peer>& peer) {
  json::Writer versions;
  versions.begin_array();
  for (const Revision revision : protocol::mcp::kRevisions) versions.string(name_of(revision));
  std::string members = R"("supportedVersions":)" + versions.end_array().take();
  members.append(R"(,"capabilities":)").append(capabilities(asked.revision));
  if (!info_.instructions.empty()) {
    members.append(R"(,"instructions":)").append(json::quoted(info_.instructions));
  }
  answer(asked, *peer, members.append(kListLives));
}

// ---- lists

void McpService::list(Listed listed, const Asked& asked, Peer& peer) {
  const auto cursor = asked.message->param("cursor");
  const bool is_given = cursor && !cursor->is(Kind::null);
  const auto text = is_given ? cursor->as_string() : std::nullopt;
  if (is_given && !text) return fail(asked, peer, invalid_params("`cursor` must be a string"));
  const auto page = catalogue_.page(listed, asked.revision, text);
  if (!page) return fail(asked, peer, page.error());
  answer(asked, peer, asked.is_modern() ? *page + std::string(kListLives) : *page);
}

void McpService::list_tools(const Asked& asked, const std::shared_ptr<Peer>& peer) {
  list(Listed::tools, asked, *peer);
}
void McpService::list_prompts(const Asked& asked, const std::shared_ptr<Peer>& peer) {
  list(Listed::prompts, asked, *peer);
}
void McpService::list_resources(const Asked& asked, const std::shared_ptr<Peer>& peer) {
  list(Listed::resources, asked, *peer);
}
void McpService::list_templates(const Asked& asked, const std::shared_ptr<Peer>& peer) {
  list(Listed::templates, asked, *peer);
}

// ---- calls

void McpService::call_tool(const Asked& asked, const std::shared_ptr<Peer>& peer) {
  const auto name = asked.message->param("name");
  const auto arguments = asked.message->param("arguments");
  if (!name || !name->is(Kind::string)) {
    return fail(asked, *peer, invalid_params("`name` must be the name of a tool"));
  }
  if (arguments && !arguments->is(Kind::object)) {
    return fail(asked, *peer, invalid_params("`arguments` must be an object"));
  }
  const call::ToolSpec* const tool = catalogue_.find_tool(*name->as_string());
  if (tool == nullptr) {
    return fail(asked, *peer,
                invalid_params("there is no tool `" + std::string(*name->as_string()) + "`"));
  }
  const Revision revision = asked.revision;
  start(asked, peer, *tool, arguments ? std::string(arguments->raw()) : "{}",
        [tool, revision](const call::Outcome& outcome) {
          return protocol::mcp::write_tool_result(outcome, *tool, revision);
        });
}

void McpService::get_prompt(const Asked& asked, const std::shared_ptr<Peer>& peer) {
  const std::string name(asked.message->text_param("name"));
  const call::ToolSpec* const prompt = catalogue_.find_prompt(name);
  if (prompt == nullptr) {
    return fail(asked, *peer, invalid_params("there is no prompt `" + name + "`"));
  }
  const auto arguments = asked.message->param("arguments");
  if (arguments && !arguments->is(Kind::object)) {
    return fail(asked, *peer, invalid_params("`arguments` must be an object"));
  }
  start(asked, peer, *prompt, arguments ? std::string(arguments->raw()) : "{}",
        [](const call::Outcome& outcome) { return protocol::mcp::write_prompt_result(outcome); });
}

void McpService::read_resource(const Asked& asked, const std::shared_ptr<Peer>& peer) {
  const std::string uri(asked.message->text_param("uri"));
  auto resource = catalogue_.find_resource(uri);
  if (!resource) {
    const int code =
        asked.is_modern() ? protocol::mcp::kInvalidParams : protocol::mcp::kResourceNotFound;
    return fail(
        asked, *peer,
        {code, "there is no resource `" + uri + "`", R"({"uri":)" + json::quoted(uri) + "}"});
  }
  const bool is_modern = asked.is_modern();
  start(asked, peer, *resource->spec, std::move(resource->arguments),
        [is_modern](const call::Outcome& outcome) {
          auto result = protocol::mcp::write_resource_result(outcome);
          if (result && is_modern) *result += kReadLives;
          return result;
        });
}

void McpService::complete(const Asked& asked, const std::shared_ptr<Peer>& peer) {
  const auto ref = asked.message->param("ref");
  const auto argument = asked.message->param("argument");
  const std::string type = ref ? text_of(ref->find("type")) : "";
  const std::string name = argument ? text_of(argument->find("name")) : "";
  if ((type != "ref/prompt" && type != "ref/resource") || name.empty()) {
    return fail(asked, *peer,
                invalid_params("`ref` must be of a prompt or a resource, `argument` have a name"));
  }
  const bool is_prompt = type == "ref/prompt";
  const std::string subject = text_of(ref->find(is_prompt ? "name" : "uri"));
  const bool is_known = is_prompt ? catalogue_.find_prompt(subject) != nullptr : true;
  if (!is_known) return fail(asked, *peer, invalid_params("there is no prompt `" + subject + "`"));
  const auto* const completion =
      catalogue_.find_completion(is_prompt ? "prompt" : "template", subject, name);
  if (completion == nullptr) {
    return answer(asked, *peer, R"("completion":{"values":[],"total":0,"hasMore":false})");
  }
  json::Writer arguments;
  arguments.begin_object().key("value").string(text_of(argument->find("value")));
  if (const auto context = asked.message->param("context")) {
    arguments.key("context").raw(context->raw());
  }
  arguments.end_object();
  start(asked, peer, *completion, arguments.take(), [](const call::Outcome& outcome) {
    return protocol::mcp::write_completion_result(outcome, kMostCompletions);
  });
}

void McpService::start(const Asked& asked, const std::shared_ptr<Peer>& peer,
                       const call::ToolSpec& spec, std::string arguments, WriteOutcome write) {
  auto known = rounds_.known_answers(asked);
  if (!known) return fail(asked, *peer, known.error());
  auto served = std::make_shared<ServedCall>(asked, peer, *std::move(known), subscribers_);
  call::Plan plan{.calls = {{.id = "1", .name = spec.name, .arguments = std::move(arguments)}}};
  auto done = [this, served, write = std::move(write)](call::Reply reply) {
    finish_call(*served, std::move(reply.calls.front().outcome), write);
  };
  auto handle = scheduler_.start(std::move(plan), std::move(done), served);
  if (!handle) {
    return peer->finish(protocol::mcp::write_error(
                            asked.id(), {protocol::mcp::kInternalError, handle.error().message}),
                        503);
  }
  const auto cancel = [this, turn = *handle] { scheduler_.cancel(turn); };
  if (asked.session) {
    asked.session->begin(std::string(asked.id()), cancel);
    if (served->has_ended()) asked.session->end(std::string(asked.id()));  // it was that quick
  } else {
    peer->on_gone(cancel);
  }
}

void McpService::finish_call(ServedCall& served, call::Outcome outcome, const WriteOutcome& write) {
  served.end();
  const Asked& asked = served.asked();
  if (asked.session) asked.session->end(std::string(asked.id()));
  const auto needed = served.needed();
  if (needed && !needed->requests.empty()) {
    return answer(asked, *served.peer(), rounds_.ask(served, *needed), "input_required");
  }
  if (needed) {
    return fail(asked, *served.peer(), protocol::mcp::missing_capabilities(needed->capabilities));
  }
  const auto result = write(outcome);
  if (!result) return fail(asked, *served.peer(), result.error());
  answer(asked, *served.peer(), *result);
}

// ---- the rest

void McpService::listen(const Asked& asked, const std::shared_ptr<Peer>& peer) {
  const auto notifications = asked.message->param("notifications");
  if (!notifications || !notifications->is(Kind::object)) {
    return fail(asked, *peer, invalid_params("`notifications` must be an object"));
  }
  const auto is_wanted = [&](std::string_view name) {
    const auto value = notifications->find(name);
    return value && value->as_bool().value_or(false);
  };
  Wanted wanted{
      .tools = is_wanted("toolsListChanged"),
      .prompts = is_wanted("promptsListChanged") && catalogue_.has(Listed::prompts),
      .resources = is_wanted("resourcesListChanged") &&
                   (catalogue_.has(Listed::resources) || catalogue_.has(Listed::templates))};
  if (const auto uris = notifications->find("resourceSubscriptions")) {
    for (const View& uri : uris->items()) wanted.uris.emplace(uri.as_string().value_or(""));
  }
  subscribers_.add(std::string(asked.id()), std::move(wanted), peer);
}

void McpService::ping(const Asked& asked, const std::shared_ptr<Peer>& peer) {
  answer(asked, *peer, "");
}

void McpService::set_level(const Asked& asked, const std::shared_ptr<Peer>& peer) {
  const std::string level(asked.message->text_param("level"));
  if (!place_of_level(level)) {
    return fail(asked, *peer, invalid_params("`" + level + "` is no level of logging"));
  }
  if (asked.session) asked.session->set_log_level(level);
  answer(asked, *peer, "");
}

void McpService::subscribe(const Asked& asked, const std::shared_ptr<Peer>& peer) {
  const std::string uri(asked.message->text_param("uri"));
  if (uri.empty()) return fail(asked, *peer, invalid_params("`uri` must be a resource's address"));
  if (asked.session) asked.session->subscribe(uri);
  answer(asked, *peer, "");
}

void McpService::unsubscribe(const Asked& asked, const std::shared_ptr<Peer>& peer) {
  if (asked.session) asked.session->unsubscribe(std::string(asked.message->text_param("uri")));
  answer(asked, *peer, "");
}

}  // namespace atonce::serve
