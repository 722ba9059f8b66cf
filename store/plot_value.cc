#include "store/plot_value.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/str.h"
#include "base/wire.h"
#include "store/tensor.h"

namespace spirogram::store {
namespace {

using Payload = ParsedValue::Payload;
using Type = WireReader::Type;

// Of a step: each is a row of the database.
constexpr int64_t kMeshSamplesMax = 10'000;

template <typename T>
void AppendNumber(T number, std::string* out) {
  out->append(reinterpret_cast<const char*>(&number), sizeof number);
}

// False for what is no index of a vertex.
bool AppendMeshNumber(MeshContent::Part part, double number, std::string* out) {
  switch (part) {
    case MeshContent::Part::kVertex:
      AppendNumber(static_cast<float>(number), out);
      return true;
    case MeshContent::Part::kFace:
      if (!(number >= 0 && number <= INT32_MAX)) return false;
      AppendNumber(static_cast<int32_t>(number), out);
      return true;
    default:
      AppendNumber(
          std::isnan(number) ? uint8_t{0} : static_cast<uint8_t>(std::clamp(number, 0.0, 255.0)),
          out);
      return true;
  }
}

MarginSeries ParseMarginSeries(std::string_view bytes, bool* is_valid) {
  MarginSeries series;
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.Is(1, Type::kBytes)) series.value = ToValidUtf8(reader.bytes());
    if (reader.Is(2, Type::kBytes)) series.lower = ToValidUtf8(reader.bytes());
    if (reader.Is(3, Type::kBytes)) series.upper = ToValidUtf8(reader.bytes());
  }
  *is_valid = *is_valid && reader.ok();
  return series;
}

CustomChart ParseChart(std::string_view bytes, bool* is_valid) {
  CustomChart chart;
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.Is(1, Type::kBytes)) chart.title = ToValidUtf8(reader.bytes());
    const bool is_margin = reader.Is(3, Type::kBytes);
    if (!is_margin && !reader.Is(2, Type::kBytes)) continue;
    // A oneof: the last that is there counts.
    chart.kind = is_margin ? CustomChart::Kind::kMargin : CustomChart::Kind::kMultiline;
    WireReader content(reader.bytes());
    while (content.Next()) {
      if (!content.Is(1, Type::kBytes)) continue;
      if (is_margin) {
        chart.series.push_back(ParseMarginSeries(content.bytes(), is_valid));
      } else {
        chart.tags.push_back(ToValidUtf8(content.bytes()));
      }
    }
    *is_valid = *is_valid && content.ok();
  }
  *is_valid = *is_valid && reader.ok();
  return chart;
}

CustomCategory ParseCategory(std::string_view bytes, bool* is_valid) {
  CustomCategory category;
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.Is(1, Type::kBytes)) category.title = ToValidUtf8(reader.bytes());
    if (reader.Is(2, Type::kBytes)) {
      category.charts.push_back(ParseChart(reader.bytes(), is_valid));
    }
    if (reader.Is(3, Type::kVarint)) category.is_closed = reader.number() != 0;
  }
  *is_valid = *is_valid && reader.ok();
  return category;
}

}  // namespace

Result<PrCurve> ToPrCurve(const ParsedValue& value) {
  if (value.payload != Payload::kTensor) return Corruption("value holds no PR curve");
  ASSIGN_OR_RETURN(const Tensor<double> tensor, ParseDoubleTensor(value.bytes));
  if (tensor.shape.size() != 2 || tensor.shape[0] != 6) {
    return Corruption("PR curve: the tensor's shape is not [6, n]");
  }
  PrCurve curve;
  const auto count = static_cast<size_t>(tensor.shape[1]);
  std::vector<double>* const rows[] = {&curve.true_positives, &curve.false_positives,
                                       &curve.true_negatives, &curve.false_negatives,
                                       &curve.precision,      &curve.recall};
  auto row_begin = tensor.values.begin();
  for (std::vector<double>* row : rows) {
    row->assign(row_begin, row_begin + static_cast<std::ptrdiff_t>(count));
    row_begin += static_cast<std::ptrdiff_t>(count);
  }
  for (size_t i = 0; i < count; ++i) {
    curve.thresholds.push_back(
        count == 1 ? 0.0 : static_cast<double>(i) / static_cast<double>(count - 1));
  }
  return curve;
}

Result<MeshContent> ParseMeshContent(std::string_view content) {
  MeshContent mesh;
  WireReader reader(content);
  while (reader.Next()) {
    if (reader.Is(2, Type::kBytes)) mesh.name = ToValidUtf8(reader.bytes());
    if (reader.Is(3, Type::kVarint) && reader.number() <= 3) {
      mesh.part = static_cast<MeshContent::Part>(reader.number());
    }
    if (reader.Is(5, Type::kBytes)) mesh.json_config = ToValidUtf8(reader.bytes());
  }
  if (!reader.ok()) return Corruption("mesh: malformed plugin content");
  return mesh;
}

Result<std::vector<MeshPart>> ToMeshParts(const ParsedValue& value, std::string_view content) {
  if (value.payload != Payload::kTensor) return Corruption("value holds no mesh");
  ASSIGN_OR_RETURN(const MeshContent mesh, ParseMeshContent(content));
  if (mesh.part == MeshContent::Part::kUndefined) {
    return Corruption("mesh: the plugin content says neither vertex nor face nor colour");
  }
  ASSIGN_OR_RETURN(const Tensor<double> tensor, ParseDoubleTensor(value.bytes));
  const size_t rank = tensor.shape.size();
  if ((rank != 2 && rank != 3) || tensor.shape.back() != 3) {
    return Corruption("mesh: the tensor's shape is neither [B, N, 3] nor [N, 3]");
  }
  const int64_t samples = rank == 3 ? tensor.shape[0] : 1;
  const int64_t rows = tensor.shape[rank - 2];
  if (samples > kMeshSamplesMax) {
    return Corruption(StrCat("mesh: got ", samples, " samples, want at most ", kMeshSamplesMax));
  }
  std::vector<MeshPart> parts;
  auto number = tensor.values.begin();
  for (int64_t sample = 0; sample < samples; ++sample) {
    MeshPart part;
    part.rows = rows;
    for (int64_t i = 0; i < rows * 3; ++i, ++number) {
      if (!AppendMeshNumber(mesh.part, *number, &part.data)) {
        return Corruption(StrCat("mesh: ", *number, " is no index of a vertex"));
      }
    }
    parts.push_back(std::move(part));
  }
  return parts;
}

Result<std::string_view> ToLayoutBytes(const ParsedValue& value) {
  if (value.payload != Payload::kTensor) return Corruption("value holds no layout");
  ASSIGN_OR_RETURN(const Tensor<std::string_view> tensor, ParseStringTensor(value.bytes));
  if (tensor.values.size() != 1) return Corruption("layout: want exactly one text");
  ASSIGN_OR_RETURN(const CustomScalarLayout checked, ParseLayout(tensor.values[0]));
  static_cast<void>(checked);
  return tensor.values[0];
}

Result<CustomScalarLayout> ParseLayout(std::string_view layout) {
  CustomScalarLayout parsed;
  bool is_valid = true;
  WireReader reader(layout);
  while (reader.Next()) {
    if (reader.Is(2, Type::kBytes)) {
      parsed.categories.push_back(ParseCategory(reader.bytes(), &is_valid));
    }
  }
  if (!is_valid || !reader.ok()) return Corruption("layout: malformed message");
  return parsed;
}

}  // namespace spirogram::store
