// What a running call says and asks, and what a file offers beside tools, in the Python inside.
#include "engine/listener.h"

#include <atomic>
#include <deque>
#include <future>
#include <mutex>

#include "embedded.h"
#include "python/backend.h"

namespace atonce::python {
namespace {

using engine::CallListener;

// Writes down what it hears, and gives every question the same answer.
class Notes final : public CallListener {
 public:
  explicit Notes(Answer answer = {}) : answer_(std::move(answer)) {}

  void on_progress(double done, std::optional<double> total, std::string_view message) override {
    note("progress " + std::to_string(static_cast<int>(done)) + "/" +
         (total ? std::to_string(static_cast<int>(*total)) : "?") + " " + std::string(message));
  }
  void on_log(std::string_view level, std::string_view logger, std::string_view data) override {
    note("log " + std::string(level) + " " + std::string(logger) + " " + std::string(data));
  }
  void on_changed(std::string_view what) override { note("changed " + std::string(what)); }
  Answer ask(std::string_view requests, Time) override {
    note("ask " + std::string(requests));
    return answer_;
  }
  std::string client() override { return R"({"name":"tester"})"; }

  [[nodiscard]] std::vector<std::string> heard() const {
    const std::lock_guard lock(mutex_);
    return heard_;
  }

 private:
  void note(std::string what) {
    const std::lock_guard lock(mutex_);
    heard_.push_back(std::move(what));
  }

  const Answer answer_;
  mutable std::mutex mutex_;
  std::vector<std::string> heard_;
};

// Answers the call, as a deadline does, when it has said something.
class Stops final : public CallListener {
 public:
  engine::CallControl* control = nullptr;
  std::atomic<int> count = 0;

  void on_progress(double, std::optional<double>, std::string_view) override {
    ++count;
    control->is_stopped.store(true);
  }
  void on_log(std::string_view, std::string_view, std::string_view) override { ++count; }
  Answer ask(std::string_view, Time) override {
    ++count;
    return {};
  }
};

// Runs a call as the engine would, on a lane or on the event loop.
call::Outcome run(engine::Backend& backend, const Wanted& wanted,
                  std::shared_ptr<CallListener> listener) {
  std::size_t tool = 0;
  while (backend.tools()[tool].name != wanted.tool) ++tool;
  const call::Call call{.id = "", .name = wanted.tool, .arguments = wanted.arguments};
  // They live on, so that a call which still reaches its control is heard, and the test sees it.
  static std::deque<engine::CallControl> controls;
  engine::CallControl& control = controls.emplace_back();
  control.ticket = controls.size();
  control.listener = std::move(listener);
  if (auto* stops = dynamic_cast<Stops*>(control.listener.get())) stops->control = &control;
  std::promise<call::Outcome> outcome;
  if (backend.tools()[tool].is_async) {
    backend.start_async(tool, call, control,
                        [&](call::Outcome done) { outcome.set_value(std::move(done)); });
    return outcome.get_future().get();
  }
  std::thread([&] { outcome.set_value(backend.open_lane(1)->run(tool, call, control)); }).join();
  return outcome.get_future().get();
}

using Heard = std::vector<std::string>;

const char* const kTalking = R"(
import atonce

kept = []

def talk(ctx: atonce.Context) -> str:
    ctx.progress(1, 2, "half")
    ctx.progress(2)
    ctx.log({"a": 1}, "alert", "db")
    ctx.list_changed("tools")
    ctx.resource_updated("test://x")
    kept.append(ctx)
    return ctx.client.get("name", "nobody")

def talk_afterwards() -> str:
    kept[0].progress(3)
    try:
        return str(kept[0].roots())
    except atonce.CannotAsk as error:
        return str(error)

def count():
    yield "one"
    yield 2
    return "done"

async def count_later():
    yield "one"
    yield 2

def wrong(ctx: atonce.Context) -> None:
    ctx.progress("much")
)";

const Heard kTold{"progress 1/2 half", "progress 2/? ", R"(log alert db {"a":1})", "changed tools",
                  "changed test://x"};

TEST(Listener, HearsWhatACallSaysWhileItRunsAndNotAfterwards) {
  const ToolsFile file("talking", kTalking);
  const auto toolset = file.load();
  PythonBackend backend(interpreter(), *toolset);
  const auto notes = std::make_shared<Notes>();

  EXPECT_EQ(run(backend, {"talk"}, notes), call::Outcome{call::Returned{R"("tester")"}});
  EXPECT_EQ(run(backend, {"talk_afterwards"}, nullptr),
            call::Outcome{call::Returned{R"("the call has been answered already")"}});

  EXPECT_EQ(notes->heard(), kTold);
}

TEST(Listener, DoesNotHearACallThatHasBeenAnswered) {
  const ToolsFile file("answered", R"(
import atonce

def go_on(ctx: atonce.Context) -> str:
    ctx.progress(1)
    ctx.log("late")
    try:
        return str(ctx.roots())
    except atonce.CannotAsk as error:
        return str(error)
)");
  const auto toolset = file.load();
  PythonBackend backend(interpreter(), *toolset);
  const auto listener = std::make_shared<Stops>();

  EXPECT_EQ(run(backend, {"go_on"}, listener),
            call::Outcome{call::Returned{R"("the call has been answered already")"}});

  EXPECT_EQ(listener->count, 1);
}

TEST(Listener, HearsYieldsAsProgress) {
  const ToolsFile file("yielding", kTalking);
  const auto toolset = file.load();
  PythonBackend backend(interpreter(), *toolset);
  const auto notes = std::make_shared<Notes>();
  const auto later = std::make_shared<Notes>();

  EXPECT_EQ(run(backend, {"count"}, notes), call::Outcome{call::Returned{R"("done")"}});
  EXPECT_EQ(run(backend, {"count_later"}, later), call::Outcome{call::Returned{R"(["one",2])"}});

  EXPECT_EQ(notes->heard(), (Heard{"progress 1/? one", "progress 2/? 2"}));
  EXPECT_EQ(later->heard(), notes->heard());
}

TEST(Listener, NeedNotBeThere) {
  const ToolsFile file("unheard", kTalking);
  const auto toolset = file.load();
  PythonBackend backend(interpreter(), *toolset);

  EXPECT_EQ(run(backend, {"talk"}, nullptr), call::Outcome{call::Returned{R"("nobody")"}});
  EXPECT_EQ(run(backend, {"count"}, nullptr), call::Outcome{call::Returned{R"("done")"}});
  EXPECT_EQ(run(backend, {"count_later"}, nullptr), call::Outcome{call::Returned{R"(["one",2])"}});
}

TEST(Listener, IsNotToldWhatIsNoNumber) {
  const ToolsFile file("wrong", kTalking);
  const auto toolset = file.load();
  PythonBackend backend(interpreter(), *toolset);
  const auto notes = std::make_shared<Notes>();

  const call::Outcome outcome = run(backend, {"wrong"}, notes);

  ASSERT_TRUE(std::holds_alternative<call::Raised>(outcome));
  EXPECT_EQ(std::get<call::Raised>(outcome).type, "TypeError");
  EXPECT_EQ(notes->heard(), Heard{});
}

const char* const kAsking = R"(
import asyncio
import atonce

def ask(ctx: atonce.Context) -> str:
    return ctx.elicit("town?", str, key="town").content

async def ask_later(ctx: atonce.Context) -> str:
    async with asyncio.TaskGroup() as group:
        asked = group.create_task(ask_in_task(ctx))
    return asked.result()

async def ask_in_task(ctx):
    return (await ctx.elicit("town?", str, key="town")).content

def ask_and_catch(ctx: atonce.Context) -> str:
    try:
        return ctx.elicit("town?", str, key="town").content
    except BaseException:
        return "caught"

def ask_and_fail(ctx: atonce.Context) -> str:
    try:
        return ctx.elicit("town?", str, key="town").content
    finally:
        raise LookupError("in between")
)";

TEST(Listener, AnswersWhatACallAsks) {
  const ToolsFile file("asking", kAsking);
  const auto toolset = file.load();
  PythonBackend backend(interpreter(), *toolset);
  const CallListener::Answer rome{
      .kind = CallListener::Answer::Kind::answered,
      .text = R"({"town": {"action": "accept", "content": {"value": "Rome"}}})"};

  for (const char* tool : {"ask", "ask_later"}) {
    const auto notes = std::make_shared<Notes>(rome);

    EXPECT_EQ(run(backend, {tool}, notes), call::Outcome{call::Returned{R"("Rome")"}});

    EXPECT_EQ(notes->heard(),
              Heard{R"(ask {"town":{"method":"elicitation/create","params":{"mode":"form",)"
                    R"("message":"town?","requestedSchema":{"type":"object","properties":)"
                    R"({"value":{"type":"string"}},"required":["value"]}}}})"});
  }
}

TEST(Listener, RefusesWithItsOwnWords) {
  const ToolsFile file("refusing", kAsking);
  const auto toolset = file.load();
  PythonBackend backend(interpreter(), *toolset);
  const CallListener::Answer no{.kind = CallListener::Answer::Kind::refused, .text = "no forms"};

  const call::Outcome outcome = run(backend, {"ask"}, std::make_shared<Notes>(no));

  ASSERT_TRUE(std::holds_alternative<call::Raised>(outcome));
  EXPECT_EQ(std::get<call::Raised>(outcome).type, "CannotAsk");
  EXPECT_EQ(std::get<call::Raised>(outcome).message, "no forms");
}

TEST(Listener, UnwindsACallWhateverItsFunctionDoesAboutIt) {
  const ToolsFile file("unwinding", kAsking);
  const auto toolset = file.load();
  PythonBackend backend(interpreter(), *toolset);
  const CallListener::Answer unwind{.kind = CallListener::Answer::Kind::unwind};

  for (const char* tool : {"ask", "ask_later", "ask_and_catch", "ask_and_fail"}) {
    EXPECT_EQ(run(backend, {tool}, std::make_shared<Notes>(unwind)),
              call::Outcome{call::Cancelled{}})
        << tool;
  }
}

const char* const kOffering = R"(
from typing import Annotated
import atonce

@atonce.prompt
def greet(name: str) -> str:
    "Greets."
    return f"Greet {name}"

@atonce.complete(greet, "name")
def names(text: str) -> list[str]:
    return [text + "a"]

@atonce.resource("users://{id}")
async def user(id: int) -> dict[str, int]:
    return {"id": id}

@atonce.tool(structured="only", title="Add")
def add(a: Annotated[int, atonce.Header("First")], b: int = 0) -> int:
    return a + b

@atonce.tool
def say() -> str:
    return "hi"
)";

TEST(Offers, ComeAfterTheToolsAndRunAsCallsDo) {
  ToolsFile file("offering", kOffering);
  file.options.for_mcp = true;
  const auto toolset = file.load();
  PythonBackend backend(interpreter(), *toolset);
  std::vector<std::string> names;
  for (const call::ToolSpec& spec : backend.tools()) names.push_back(spec.name);

  EXPECT_EQ(names, (std::vector<std::string>{"add", "say", "template users://{id}", "prompt greet",
                                             "completion prompt greet name"}));
  EXPECT_EQ(toolset->specs().size(), 2U);
  ASSERT_EQ(toolset->offers().size(), 3U);
  EXPECT_EQ(toolset->offers()[0].role, call::Role::resource_template);
  EXPECT_EQ(toolset->offers()[0].subject, "users://{id}");
  EXPECT_EQ(toolset->offers()[1].role, call::Role::prompt);
  EXPECT_EQ(toolset->offers()[1].subject, "greet");
  EXPECT_EQ(toolset->offers()[1].declaration(call::Dialect::mcp),
            R"({"name":"greet","description":"Greets.","arguments":[{"name":"name",)"
            R"("required":true}]})");
  EXPECT_EQ(toolset->offers()[2].role, call::Role::completion);
  EXPECT_EQ(run(backend, {"template users://{id}", R"({"uri":"users://7","id":"7"})"}, nullptr),
            call::Outcome{call::Returned{
                R"([{"uri":"users://7","mimeType":"application/json","text":"{\"id\":7}"}])"}});
  EXPECT_EQ(run(backend, {"prompt greet", R"({"name":"Al"})"}, nullptr),
            call::Outcome{
                call::Returned{R"({"description":"Greets.","messages":[{"role":"user","content":)"
                               R"({"type":"text","text":"Greet Al"}}]})"}});
  EXPECT_EQ(run(backend, {"completion prompt greet name", R"({"value":"x"})"}, nullptr),
            call::Outcome{call::Returned{R"(["xa"])"}});
}

TEST(Offers, AreNotThereForOthersThanMcp) {
  const ToolsFile file("not_offering", kOffering);
  const auto toolset = file.load();

  EXPECT_EQ(toolset->all().size(), 2U);
  EXPECT_TRUE(toolset->offers().empty());
  EXPECT_FALSE(toolset->specs()[0].output.has_schema);
}

TEST(Offers, NeedNoToolBesideThem) {
  ToolsFile file("offering_alone",
                 "import atonce\n@atonce.resource('test://x')\ndef x() -> str: return 'a'\n");
  file.options.for_mcp = true;

  const auto toolset = file.load();

  EXPECT_TRUE(toolset->specs().empty());
  EXPECT_EQ(toolset->offers().size(), 1U);
}

TEST(Offers, ToolsSayWhatMcpAsksOfThem) {
  ToolsFile file("for_mcp", kOffering);
  file.options.for_mcp = true;
  const auto toolset = file.load();
  const call::ToolSpec& add = toolset->specs()[0];

  EXPECT_TRUE(add.output.has_schema);
  EXPECT_TRUE(add.output.is_wrapped);
  EXPECT_EQ(add.output.mode, call::StructuredMode::only);
  EXPECT_EQ(
      add.headers,
      (std::vector<call::HeaderParameter>{{.name = "a", .header = "First", .type = "integer"}}));
  EXPECT_FALSE(toolset->specs()[1].output.has_schema);
  EXPECT_EQ(toolset->specs()[1].output.mode, call::StructuredMode::both);
}

}  // namespace
}  // namespace atonce::python
