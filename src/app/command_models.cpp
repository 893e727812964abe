// atonce models: what a provider offers, as `--model` takes it.

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "app/commands.h"
#include "app/model_choice.h"
#include "app/report.h"
#include "base/json.h"

namespace atonce::app {
namespace {

struct ModelsSettings {
  std::string provider;
  std::string base_url;
};

// One model; what is not known of it is 0 or empty.
struct Row {
  std::string spec;
  std::string display_name = {};
  std::int64_t input_token_limit = 0;
  std::uintmax_t size_bytes = 0;
  bool is_default = false;  // what `local` alone stands for
};

std::vector<Row> local_rows() {
  std::vector<Row> rows;
  for (const LocalModel& model : find_local_models(find_places())) {
    rows.push_back({.spec = "local:" + model.file.string(),
                    .size_bytes = model.bytes,
                    .is_default = rows.empty()});
  }
  return rows;
}

Result<std::vector<Row>> read_rows(const ModelsSettings& settings) {
  if (settings.provider == "local") return local_rows();
  const auto models = list_models(settings.provider, settings.base_url);
  if (!models) return std::unexpected(models.error());
  std::vector<Row> rows;
  for (const model::OfferedModel& model : *models) {
    rows.push_back({.spec = settings.provider + "/" + model.name,
                    .display_name = model.display_name,
                    .input_token_limit = model.input_token_limit});
  }
  return rows;
}

std::string to_json(const std::vector<Row>& rows) {
  json::Writer writer;
  writer.begin_array();
  for (const Row& row : rows) {
    writer.begin_object().key("spec").string(row.spec);
    if (!row.display_name.empty()) writer.key("display_name").string(row.display_name);
    if (row.input_token_limit != 0) writer.key("input_token_limit").integer(row.input_token_limit);
    if (row.size_bytes != 0) {
      writer.key("size_bytes").integer(static_cast<std::int64_t>(row.size_bytes));
    }
    if (row.is_default) writer.key("is_default").boolean(true);
    writer.end_object();
  }
  writer.end_array();
  return writer.take();
}

std::string measure_of(const Row& row) {
  if (row.input_token_limit != 0) return fmt::format("{} tokens", row.input_token_limit);
  if (row.size_bytes == 0) return "";
  return fmt::format("{:.2f} GB", static_cast<double>(row.size_bytes) / 1e9);
}

void print_table(const std::vector<Row>& rows, Output& output) {
  std::size_t spec_width = 0;
  std::size_t measure_width = 0;
  for (const Row& row : rows) {
    spec_width = std::max(spec_width, row.spec.size());
    measure_width = std::max(measure_width, measure_of(row).size());
  }
  for (const Row& row : rows) {
    std::string line =
        fmt::format("{:<{}}  {:>{}}  {}", row.spec, spec_width, measure_of(row), measure_width,
                    row.is_default ? "(what `local` means)" : row.display_name);
    while (line.ends_with(' ')) line.pop_back();
    output.line(line);
  }
}

int list(ModelsSettings& settings, Shell& shell) {
  if (settings.provider.empty()) {
    const std::string spec = default_model_spec();
    settings.provider = spec.substr(0, spec.find('/'));
  }
  const auto rows = read_rows(settings);
  if (!rows) return print_error(rows.error()), exit_code_of(rows.error());
  if (shell.common.json) return shell.output.line(to_json(*rows)), kFine;
  print_table(*rows, shell.output);
  if (rows->empty() && settings.provider == "local") {
    print_note("no model in " + (find_places().cache / "models").string() +
               "; fetch one with `make model`");
  } else if (rows->empty()) {
    print_note("`" + settings.provider + "` lists no models");
  }
  return kFine;
}

}  // namespace

void add_models(CLI::App& app, Command& chosen) {
  auto settings = std::make_shared<ModelsSettings>();
  CLI::App* command = app.add_subcommand("models", "list the models of a provider, for --model");
  command
      ->add_option("PROVIDER", settings->provider,
                   "gemini, vertex, openai (any server that speaks like it) or local (default: "
                   "gemini if GEMINI_API_KEY is set, else local)")
      ->type_name("");
  command
      ->add_option("--base-url", settings->base_url,
                   "the provider's address (default: GOOGLE_GEMINI_BASE_URL, "
                   "GOOGLE_VERTEX_BASE_URL, OPENAI_BASE_URL)")
      ->type_name("URL");
  command->footer(
      "With --json: [{\"spec\":\"gemini/NAME\",\"display_name\":\"...\","
      "\"input_token_limit\":1048576}, ...]; what is not known is\nleft out; local models have "
      "size_bytes, and is_default the one that `local` means.\n\nExample:\n  atonce models gemini");
  command->callback([settings, &chosen] {
    chosen = [settings](Shell& shell) { return list(*settings, shell); };
  });
}

}  // namespace atonce::app
