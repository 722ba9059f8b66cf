// Values of the plugins `pr_curves`, `mesh` and `custom_scalars`. Stateless; kCorruption says what
// is wrong with a value.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/custom_scalars.h"
#include "store/event_parser.h"
#include "store/mesh.h"
#include "store/pr_curve.h"

namespace spirogram::store {

// A real tensor [6, n]: true and false positives, true and false negatives, precision, recall.
Result<PrCurve> ToPrCurve(const ParsedValue& value);

// What a MeshPluginData says.
struct MeshContent {
  enum class Part { kUndefined = 0, kVertex = 1, kFace = 2, kColour = 3 };

  std::string name;
  Part part = Part::kUndefined;
  std::string json_config;
};
Result<MeshContent> ParseMeshContent(std::string_view content);

// One sample of one part of a mesh: as many triples as rows, in the form of Mesh.
struct MeshPart {
  int64_t rows = 0;
  std::string data;  // packed float32, int32 or uint8, by the part
};
// A real tensor [B, N, 3] or [N, 3] of any dtype: PyTorch logs faces and colours as floats.
Result<std::vector<MeshPart>> ToMeshParts(const ParsedValue& value, std::string_view content);

// The serialized Layout of a DT_STRING tensor with one element, checked by ParseLayout.
Result<std::string_view> ToLayoutBytes(const ParsedValue& value);
Result<CustomScalarLayout> ParseLayout(std::string_view layout);

}  // namespace spirogram::store
