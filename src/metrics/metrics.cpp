#include "metrics/metrics.h"

#include <utility>

namespace atonce::metrics {
namespace {

// The name under which calls of names that are no tool's are shown; no tool can have it.
constexpr std::string_view kUnknown = "(unknown)";

// The names of the outcomes, by the variant's index.
template <std::size_t... kIndexes>
std::array<std::string_view, sizeof...(kIndexes)> outcome_names(
    std::index_sequence<kIndexes...> /*indexes*/) {
  return {call::name_of(call::Outcome(std::in_place_index<kIndexes>))...};
}

bool was_entered(const call::Finished& finished) {
  return !finished.lane.empty() || finished.started < finished.ended;
}

}  // namespace

Metrics::Metrics() = default;
Metrics::~Metrics() = default;

void Metrics::know_tools(const std::vector<std::string>& names) {
  for (const std::string& name : names) series_.try_emplace(name, std::make_unique<Series>());
}

void Metrics::add(Figure figure) { figures_.push_back(std::move(figure)); }

void Metrics::add_gauge(std::string name, std::string help, std::function<double()> read) {
  add({.name = std::move(name), .help = std::move(help), .read = [read = std::move(read)] {
         return std::vector<Sample>{{.labels = {}, .value = read()}};
       }});
}

Metrics::Series& Metrics::series_of(const std::string& name) {
  const auto found = series_.find(name);
  return found == series_.end() ? others_ : *found->second;
}

void Metrics::on_started(const call::Call& call, std::string_view /*lane*/, unsigned attempt) {
  if (attempt == 0) return;
  series_of(call.name).retries.fetch_add(1, std::memory_order_relaxed);
}

void Metrics::on_finished(const call::Finished& finished) {
  Series& series = series_of(finished.call.name);
  series.outcomes[finished.outcome.index()].fetch_add(1, std::memory_order_relaxed);
  if (!was_entered(finished)) return;
  series.duration.add(finished.ended - finished.started);
  queue_.add(finished.started);
}

std::string Metrics::expose() const {
  Exposition exposition;
  expose_calls(exposition);
  for (const Figure& figure : figures_) {
    exposition.begin(figure.kind, figure.name, figure.help);
    for (const Sample& sample : figure.read()) exposition.sample(sample.labels, sample.value);
  }
  return exposition.take();
}

void Metrics::expose_calls(Exposition& exposition) const {
  static const auto kOutcomes =
      outcome_names(std::make_index_sequence<std::variant_size_v<call::Outcome>>());
  const auto each = [this](auto show) {
    for (const auto& [name, series] : series_) show(name, *series);
    show(std::string(kUnknown), others_);
  };
  exposition.begin(Kind::counter, "atonce_calls_total", "Calls that have their outcome.");
  each([&](const std::string& name, const Series& series) {
    for (std::size_t index = 0; index < kOutcomes.size(); ++index) {
      exposition.sample({{"tool", name}, {"outcome", std::string(kOutcomes[index])}},
                        series.outcomes[index].load(std::memory_order_relaxed));
    }
  });
  exposition.begin(Kind::counter, "atonce_call_retries_total", "Attempts after the first.");
  each([&](const std::string& name, const Series& series) {
    exposition.sample({{"tool", name}}, series.retries.load(std::memory_order_relaxed));
  });
  exposition.begin(Kind::histogram, "atonce_call_duration_seconds",
                   "From entering the function to the outcome.");
  each([&](const std::string& name, const Series& series) {
    exposition.sample({{"tool", name}}, series.duration.read());
  });
  exposition.begin(Kind::histogram, "atonce_call_queue_seconds",
                   "From accepting a call to entering its function.");
  exposition.sample({}, queue_.read());
}

}  // namespace atonce::metrics
