// atonce serve: one server for the tools, over HTTP or standard input and output.

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

#include "app/build_places.h"
#include "app/commands.h"
#include "app/reload_signal.h"
#include "app/report.h"
#include "app/runtime.h"
#include "http/server.h"
#include "metrics/metrics.h"
#include "serve/front.h"
#include "serve/mcp_stdio.h"

namespace atonce::app {
namespace {

using namespace std::chrono_literals;

// A client that has closed its side waits some two seconds for the program to end.
constexpr auto kStdioGrace = 1s;

struct ServeSettings {
  ToolsSettings tools;
  std::string host = "127.0.0.1";
  unsigned port = 8000;
  bool is_stdio = false;
  std::string name;  // of the server, as clients show it
  std::string instructions;
  std::optional<std::filesystem::path> certificate;
  std::optional<std::filesystem::path> key;
  std::optional<std::filesystem::path> tokens;
  std::vector<std::string> hosts;
  std::vector<std::string> origins;
  double rate_limit = 0;  // a second, of one caller; 0: none
  double grace_seconds = 30;
  std::size_t max_connections = 4096;
  std::size_t max_stuck = 16;  // calls, before it says that it is not ready
};

// Waits for the first signal to end.
class Ending final {
 public:
  explicit Ending(Interrupts& interrupts) : handler_(interrupts, [this] { begin(); }) {}

  void begin() {
    const std::lock_guard lock(mutex_);
    has_begun_ = true;
    changed_.notify_all();
  }
  // Whether it has begun by then.
  [[nodiscard]] bool wait_for(Duration at_most) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, at_most, [this] { return has_begun_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool has_begun_ = false;  // guarded by mutex_
  const Interrupts::Handler handler_;
};

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

serve::ServerInfo info_of(const ServeSettings& settings) {
  const bool is_one = settings.tools.specs.size() == 1;
  const std::string stem = std::filesystem::path(settings.tools.spec()).stem().string();
  return {.name = !settings.name.empty()    ? settings.name
                  : is_one && !stem.empty() ? stem
                                            : "atonce",
          .version = kVersion,
          .instructions = settings.instructions};
}

// Everything between the engine and a transport.
struct Services {
  Services(Runtime& runtime, const ServeSettings& settings)
      : catalogue(runtime.offers()),
        sessions({}, clock),
        subscribers(sessions),
        mcp(catalogue, runtime.scheduler(), sessions, subscribers, clock, info_of(settings)) {}

  SteadyClock clock;
  serve::Catalogue catalogue;
  serve::Sessions sessions;
  serve::Subscribers subscribers;
  serve::McpService mcp;
};

// ---- HTTP

class HttpServing final {
 public:
  HttpServing(const ServeSettings& settings, Shell& shell)
      : settings_(settings), shell_(shell), ending_(shell.interrupts) {}

  int run() {
    if (auto prepared = prepare(); !prepared) return refuse(prepared.error());
    const ReloadSignal reload_signal([this] { reload(); });
    auto runtime = Runtime::open(shell_.common, settings_.tools, shell_.interrupts, metrics_);
    if (!runtime) return refuse(runtime.error());
    ReloadSignal::claim();
    runtime_ = *std::move(runtime);
    services_ = std::make_unique<Services>(*runtime_, settings_);
    mcp_ = std::make_unique<serve::McpHttp>(services_->mcp, services_->sessions, pulse_);
    metrics_.know_tools(names_of_tools());
    look_at_gil();
    is_ready_ = true;
    front_->open(*mcp_);
    while (!ending_.wait_for(1s)) look_at_gil();
    return end();
  }

 private:
  static int refuse(const Error& error) { return print_error(error), exit_code_of(error); }

  [[nodiscard]] Result<void> prepare() {
    if (settings_.tokens) {
      auto tokens = serve::Tokens::read(*settings_.tokens);
      if (!tokens) return std::unexpected(tokens.error());
      tokens_ = *std::move(tokens);
    }
    if (settings_.rate_limit > 0) {
      rate_limit_ = std::make_unique<serve::RateLimit>(settings_.rate_limit, clock_);
    }
    add_figures();
    front_ = std::make_unique<serve::Front>(serve::FrontOptions{
        .doors = {.is_loopback = is_loopback(settings_.host),
                  .hosts = settings_.hosts,
                  .origins = settings_.origins},
        .tokens = tokens_.get(),
        .rate_limit = rate_limit_.get(),
        .metrics = [this] { return is_ready_ ? metrics_.expose() : std::string(); },
        .not_ready = [this] { return why_not_ready(); }});
    return listen();
  }

  [[nodiscard]] Result<void> listen() {
    http::ServerOptions options{.host = settings_.host,
                                .port = static_cast<unsigned short>(settings_.port),
                                .max_connections = settings_.max_connections};
    if (settings_.certificate) options.tls = {*settings_.certificate, *settings_.key};
    auto server = http::Server::listen(options, [this](std::shared_ptr<http::Exchange> exchange) {
      front_->handle(std::move(exchange));
    });
    if (!server) return std::unexpected(server.error());
    server_ = *std::move(server);
    const bool is_v6 = settings_.host.contains(':');
    const std::string address =
        fmt::format("{}://{}:{}", options.tls ? "https" : "http",
                    is_v6 ? "[" + settings_.host + "]" : settings_.host, server_->port());
    print_note("listening on " + address);
    print_note("MCP is at " + address + "/mcp; for Claude Code: claude mcp add --transport http " +
               info_of(settings_).name + " " + address + "/mcp");
    return {};
  }

  [[nodiscard]] std::vector<std::string> names_of_tools() const {
    std::vector<std::string> names;
    for (const call::ToolSpec& tool : runtime_->offers()) names.push_back(tool.name);
    return names;
  }

  void add_figures() {
    metrics_.add_gauge("atonce_calls_running", "Calls whose function has been entered, not left.",
                       [this] { return static_cast<double>(count_running(Which::all)); });
    metrics_.add_gauge("atonce_calls_stuck", "Calls that have been answered and still run.",
                       [this] { return static_cast<double>(count_running(Which::stuck)); });
    metrics_.add_gauge("atonce_gil_on", "1 while Python runs one thread at a time.",
                       [this] { return is_gil_on_ ? 1.0 : 0.0; });
  }

  enum class Which { all, stuck };
  [[nodiscard]] std::ptrdiff_t count_running(Which which) const {
    return std::ranges::count_if(runtime_->scheduler().running_calls(), [which](const auto& call) {
      return which == Which::all || call.is_stuck;
    });
  }

  // Asked only once the tools are loaded.
  [[nodiscard]] std::optional<std::string> why_not_ready() const {
    if (shell_.common.requires_no_gil && is_gil_on_) return "a module has turned the GIL on";
    const std::ptrdiff_t stuck = count_running(Which::stuck);
    if (stuck <= static_cast<std::ptrdiff_t>(settings_.max_stuck)) return std::nullopt;
    return fmt::format("{} calls are stuck", stuck);
  }

  void look_at_gil() {
    runtime_->watch_gil();
    is_gil_on_ = runtime_->is_gil_on();
  }

  void reload() {
    if (tokens_) {
      if (auto done = tokens_->reload(); !done) return print_error(done.error());
    }
    if (settings_.certificate) {
      if (auto done = server_->reload_tls(); !done) return print_error(done.error());
    }
    print_note("read the tokens and certificates again");
  }

  // Stop accepting, finish what runs, leave what takes too long.
  int end() {
    print_note("ending: no new requests; what runs is finished");
    front_->close();
    server_->stop_accepting();
    services_->subscribers.close();
    services_->sessions.each([](serve::Session& session) { session.end_stream(); });
    const auto grace =
        std::chrono::milliseconds(static_cast<std::int64_t>(settings_.grace_seconds * 1000));
    if (!server_->wait_until_idle(grace)) print_warning("not every request was finished in time");
    server_.reset();
    return runtime_->close(kFine);
  }

  const ServeSettings& settings_;
  Shell& shell_;
  Ending ending_;
  SteadyClock clock_;
  metrics::Metrics metrics_;
  serve::Pulse pulse_;
  std::atomic<bool> is_ready_ = false;
  std::atomic<bool> is_gil_on_ = false;
  std::unique_ptr<serve::Tokens> tokens_;
  std::unique_ptr<serve::RateLimit> rate_limit_;
  std::unique_ptr<serve::Front> front_;
  std::unique_ptr<Services> services_;
  std::unique_ptr<serve::McpHttp> mcp_;
  std::unique_ptr<Runtime> runtime_;
  std::unique_ptr<http::Server> server_;  // last: its threads use all of the above
};

// ---- standard input and output

// Standard input is the client's alone: what a tool reads from it is empty.
int take_input() {
  const int input = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
  const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
  dup2(nothing, STDIN_FILENO);
  close(nothing);
  return input;
}

int serve_stdio(const ServeSettings& settings, Shell& shell) {
  const int input = take_input();
  int stop[2] = {-1, -1};
  if (pipe2(stop, O_CLOEXEC) != 0) {
    return print_error({ErrorCode::internal, "the system gives no pipe"}), kFailed;
  }
  const Interrupts::Handler ends(shell.interrupts, [&stop] { close(stop[1]); });
  engine::Observer nobody;
  auto runtime = Runtime::open(shell.common, settings.tools, shell.interrupts, nobody);
  if (!runtime) return print_error(runtime.error()), exit_code_of(runtime.error());
  Services services(**runtime, settings);
  serve::McpStdio stdio(services.mcp, input,
                        [&shell](std::string_view line) { shell.output.line(line); });
  stdio.run(stop[0], kStdioGrace);
  return (*runtime)->close(kFine);
}

int run_server(const ServeSettings& settings, Shell& shell) {
  if (settings.certificate.has_value() != settings.key.has_value()) {
    print_error({ErrorCode::bad_input, "--tls-cert and --tls-key belong together"});
    return kNotDone;
  }
  return settings.is_stdio ? serve_stdio(settings, shell) : HttpServing(settings, shell).run();
}

void add_http_options(CLI::App& command, ServeSettings& settings) {
  command.add_option("--host", settings.host, "the address to listen on (default: 127.0.0.1)")
      ->type_name("ADDRESS");
  command.add_option("--port", settings.port, "the port; 0 takes one that is free (default: 8000)")
      ->check(within(0, 65'535))
      ->type_name("PORT");
  command.add_option("--tls-cert", settings.certificate, "speak HTTPS with this certificate (PEM)")
      ->type_name("FILE");
  command.add_option("--tls-key", settings.key, "and this key")->type_name("FILE");
  command
      .add_option("--token-file", settings.tokens,
                  "who may ask: a line `NAME TOKEN` each; SIGHUP reads it again")
      ->type_name("FILE");
  command.add_option("--allowed-hosts", settings.hosts, "names that this server is called by")
      ->type_name("HOST")
      ->delimiter(',')
      ->allow_extra_args(false);
  command.add_option("--allowed-origins", settings.origins, "whose web pages may ask")
      ->type_name("URL")
      ->delimiter(',')
      ->allow_extra_args(false);
  command.add_option("--rate-limit", settings.rate_limit, "requests a second of one caller")
      ->check(within(0.001, 1e6))
      ->type_name("NUMBER");
  command
      .add_option("--grace", settings.grace_seconds,
                  "how long to finish what runs when it is told to end (default: 30)")
      ->check(within(0, 3600))
      ->type_name("SECONDS");
  command.add_option("--max-connections", settings.max_connections, "(default: 4096)")
      ->check(within(1, 1'000'000))
      ->type_name("NUMBER");
}

}  // namespace

void add_serve(CLI::App& app, Command& chosen) {
  auto settings = std::make_shared<ServeSettings>();
  settings->tools.for_mcp = true;
  CLI::App* command =
      app.add_subcommand("serve", "serve the tools to other programs' agents, over MCP");
  add_tools(*command, settings->tools, HowMany::several);
  command->add_flag("--stdio", settings->is_stdio,
                    "over standard input and output, for a client that starts it");
  add_http_options(*command, *settings);
  command->add_option("--name", settings->name, "what clients call it (default: the file's)")
      ->type_name("NAME");
  command
      ->add_option("--instructions", settings->instructions, "what clients tell their model of it")
      ->type_name("TEXT");
  add_policy(*command, settings->tools);
  command->footer(
      "Exit codes: 0 it was told to end, 2 it could not start.\n"
      "Example:\n"
      "  atonce serve examples/meetup.py --port 8000\n"
      "  atonce serve rates.py talks.py  # tools of one name: rates_find, talks_find");
  command->callback([settings, &chosen] {
    chosen = [settings](Shell& shell) { return run_server(*settings, shell); };
  });
}

}  // namespace atonce::app
