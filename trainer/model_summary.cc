#include "trainer/model_summary.h"

#include <cstdint>

#include "base/str.h"

namespace spirogram::trainer {
namespace {

// "1,234,567"
std::string WithCommas(int64_t number) {
  std::string digits = StrCat(number);
  for (size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string Row(const std::string& name, const std::string& shape, int64_t parameters) {
  return StrCat("| `", name, "` | ", shape, " | ", WithCommas(parameters), " |\n");
}

}  // namespace

std::string DescribeModel(Model& model) {
  std::string rows;
  int64_t total = 0;
  const auto add = [&](const std::string& name, const std::string& shape, int64_t parameters) {
    rows += Row(name, shape, parameters);
    total += parameters;
  };
  for (const auto& tables : {model.tables(), model.wide_tables()}) {
    for (const EmbeddingTable* table : tables) {
      add(table->name(), StrCat(WithCommas(table->rows()), " rows of ", table->dims()),
          int64_t{table->rows()} * table->dims());
    }
  }
  for (const DenseLayer* layer : model.layers()) {
    const int inputs = layer->weight.value.columns();
    add(layer->name(),
        StrCat(inputs, " → ", layer->units(), ", ", ActivationName(layer->activation())),
        int64_t{layer->units()} * (inputs + 1));
  }
  return StrCat("**", WithCommas(total),
                "** parameters\n\n| part | shape | parameters |\n|---|---|---:|\n", rows);
}

}  // namespace spirogram::trainer
