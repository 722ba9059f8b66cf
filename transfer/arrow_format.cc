#include "transfer/arrow_format.h"

#include <flatbuffers/flatbuffers.h>

#include <bit>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/str.h"

namespace spirogram::transfer {
namespace {

static_assert(std::endian::native == std::endian::little, "buffers are little-endian");

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using Table = Offset<void>;

// The file's tables have few fields; without Arrow's schemas they are named by their ids, as
// Schema.fbs, Message.fbs and File.fbs number them.
constexpr flatbuffers::voffset_t Field(int id) {
  return static_cast<flatbuffers::voffset_t>(4 + 2 * id);
}

constexpr std::string_view kMagic = "ARROW1";
constexpr int16_t kMetadataVersion5 = 4;
constexpr int16_t kDoublePrecision = 2;
enum TypeOf : uint8_t { kInt = 2, kFloatingPoint = 3, kUtf8 = 5 };
enum HeaderOf : uint8_t { kSchema = 1, kDictionaryBatch = 2, kRecordBatch = 3 };
constexpr int64_t kRunDictionary = 0;
constexpr int64_t kTagDictionary = 1;

// Structs of the format, laid out as there.
struct FieldNode {
  int64_t length;
  int64_t null_count;
};
struct BufferRange {
  int64_t offset;
  int64_t length;
};
struct Block {
  int64_t offset;
  int32_t metadata_length;
  int32_t padding;
  int64_t body_length;
};

Table MakeInt(FlatBufferBuilder& fbb, int bits) {
  const auto start = fbb.StartTable();
  fbb.AddElement<int32_t>(Field(0), bits, 0);
  fbb.AddElement<uint8_t>(Field(1), 1, 0);  // signed
  return fbb.EndTable(start);
}

Table MakeDouble(FlatBufferBuilder& fbb) {
  const auto start = fbb.StartTable();
  fbb.AddElement<int16_t>(Field(0), kDoublePrecision, 0);
  return fbb.EndTable(start);
}

Table MakeEmpty(FlatBufferBuilder& fbb) {
  return fbb.EndTable(fbb.StartTable());
}

Table MakeDictionaryEncoding(FlatBufferBuilder& fbb, int64_t id) {
  const Table index_type = MakeInt(fbb, 32);
  const auto start = fbb.StartTable();
  fbb.AddElement<int64_t>(Field(0), id, -1);
  fbb.AddOffset(Field(1), index_type);
  return fbb.EndTable(start);
}

Table MakeField(FlatBufferBuilder& fbb, const char* name, TypeOf type_of, Table type,
                Table dictionary = {}) {
  const auto name_offset = fbb.CreateString(name);
  const auto children = fbb.CreateVector(std::vector<Table>());
  const auto start = fbb.StartTable();
  fbb.AddOffset(Field(0), name_offset);
  fbb.AddElement<uint8_t>(Field(2), type_of, 0);
  fbb.AddOffset(Field(3), type);
  if (!dictionary.IsNull()) fbb.AddOffset(Field(4), dictionary);
  fbb.AddOffset(Field(5), children);
  return fbb.EndTable(start);
}

Table MakeSchema(FlatBufferBuilder& fbb) {
  std::vector<Table> fields;
  fields.push_back(
      MakeField(fbb, "run", kUtf8, MakeEmpty(fbb), MakeDictionaryEncoding(fbb, kRunDictionary)));
  fields.push_back(
      MakeField(fbb, "tag", kUtf8, MakeEmpty(fbb), MakeDictionaryEncoding(fbb, kTagDictionary)));
  fields.push_back(MakeField(fbb, "step", kInt, MakeInt(fbb, 64)));
  fields.push_back(MakeField(fbb, "wall_time", kFloatingPoint, MakeDouble(fbb)));
  fields.push_back(MakeField(fbb, "value", kFloatingPoint, MakeDouble(fbb)));
  const auto vector = fbb.CreateVector(fields);
  const auto start = fbb.StartTable();
  fbb.AddOffset(Field(1), vector);
  return fbb.EndTable(start);
}

// The buffers of a batch, each at a multiple of 8 bytes.
class Body {
 public:
  template <typename T>
  void Add(const std::vector<T>& values) {
    AddBytes({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)});
  }
  void AddBytes(std::string_view bytes) {
    ranges_.push_back({static_cast<int64_t>(bytes_.size()), static_cast<int64_t>(bytes.size())});
    bytes_.append(bytes);
    bytes_.resize((bytes_.size() + 7) / 8 * 8);
  }
  // A column without nulls may leave its validity out.
  void AddValidity() { AddBytes({}); }

  const std::string& bytes() const { return bytes_; }
  const std::vector<BufferRange>& ranges() const { return ranges_; }

 private:
  std::string bytes_;
  std::vector<BufferRange> ranges_;
};

Table MakeBatch(FlatBufferBuilder& fbb, int64_t rows, size_t columns, const Body& body) {
  const std::vector<FieldNode> nodes(columns, FieldNode{rows, 0});
  const auto node_vector = fbb.CreateVectorOfStructs(nodes.data(), nodes.size());
  const auto ranges = fbb.CreateVectorOfStructs(body.ranges().data(), body.ranges().size());
  const auto start = fbb.StartTable();
  fbb.AddElement<int64_t>(Field(0), rows, 0);
  fbb.AddOffset(Field(1), node_vector);
  fbb.AddOffset(Field(2), ranges);
  return fbb.EndTable(start);
}

class ArrowFormat : public PointsFormat {
 public:
  Result<std::string> Begin(const Names& names) override {
    std::string out(kMagic);
    out.append(2, '\0');  // to a multiple of 8
    written_ = 0;
    FlatBufferBuilder fbb;
    const Table schema = MakeSchema(fbb);
    AppendMessage(fbb, kSchema, schema, {}, &out);
    RETURN_IF_ERROR(AppendDictionary(kRunDictionary, names.runs, &out));
    RETURN_IF_ERROR(AppendDictionary(kTagDictionary, names.tags, &out));
    written_ += static_cast<int64_t>(out.size());
    return out;
  }

  void AppendPoints(const SeriesName& series, const store::PointsChunk& points,
                    std::string* out) override {
    const size_t before = out->size();
    const auto rows = static_cast<int64_t>(points.size());
    Body body;
    for (const size_t index : {series.run, series.tag}) {
      body.AddValidity();
      body.Add(std::vector<int32_t>(points.size(), static_cast<int32_t>(index)));
    }
    body.AddValidity();
    body.Add(points.step);
    body.AddValidity();
    body.Add(points.wall_time);
    body.AddValidity();
    body.Add(points.value);
    FlatBufferBuilder fbb;
    const Table batch = MakeBatch(fbb, rows, 5, body);
    batches_.push_back(AppendMessage(fbb, kRecordBatch, batch, body.bytes(), out, before));
    written_ += static_cast<int64_t>(out->size() - before);
  }

  void AppendEnd(std::string* out) override {
    out->append("\xff\xff\xff\xff\0\0\0\0", 8);
    FlatBufferBuilder fbb;
    const Table schema = MakeSchema(fbb);
    const auto dictionaries = fbb.CreateVectorOfStructs(dictionaries_.data(), dictionaries_.size());
    const auto batches = fbb.CreateVectorOfStructs(batches_.data(), batches_.size());
    const auto start = fbb.StartTable();
    fbb.AddElement<int16_t>(Field(0), kMetadataVersion5, 0);
    fbb.AddOffset(Field(1), schema);
    fbb.AddOffset(Field(2), dictionaries);
    fbb.AddOffset(Field(3), batches);
    fbb.Finish(Table(fbb.EndTable(start)));
    out->append(reinterpret_cast<const char*>(fbb.GetBufferPointer()), fbb.GetSize());
    AppendInt32(static_cast<int32_t>(fbb.GetSize()), out);
    out->append(kMagic);
  }

 private:
  static void AppendInt32(int32_t number, std::string* out) {
    out->append(reinterpret_cast<const char*>(&number), sizeof number);
  }

  // Appends a message and its body. `base` is where `out` begins to be what written_ does not
  // count.
  Block AppendMessage(FlatBufferBuilder& fbb, HeaderOf header_of, Table header,
                      std::string_view body, std::string* out, size_t base = 0) const {
    const auto start = fbb.StartTable();
    fbb.AddElement<int64_t>(Field(3), static_cast<int64_t>(body.size()), 0);
    fbb.AddOffset(Field(2), header);
    fbb.AddElement<int16_t>(Field(0), kMetadataVersion5, 0);
    fbb.AddElement<uint8_t>(Field(1), header_of, 0);
    fbb.Finish(Table(fbb.EndTable(start)));
    const size_t padded = (fbb.GetSize() + 7) / 8 * 8;
    const int64_t offset = written_ + static_cast<int64_t>(out->size() - base);
    out->append("\xff\xff\xff\xff", 4);
    AppendInt32(static_cast<int32_t>(padded), out);
    out->append(reinterpret_cast<const char*>(fbb.GetBufferPointer()), fbb.GetSize());
    out->append(padded - fbb.GetSize(), '\0');
    out->append(body);
    return {offset, static_cast<int32_t>(8 + padded), 0, static_cast<int64_t>(body.size())};
  }

  Status AppendDictionary(int64_t id, const std::vector<std::string>& texts, std::string* out) {
    std::vector<int32_t> offsets = {0};
    std::string joined;
    for (const std::string& text : texts) {
      joined.append(text);
      if (joined.size() > static_cast<size_t>(std::numeric_limits<int32_t>::max())) {
        return Exhausted(StrCat("arrow: the names of ", texts.size(), " series pass 2 GiB"));
      }
      offsets.push_back(static_cast<int32_t>(joined.size()));
    }
    Body body;
    body.AddValidity();
    body.Add(offsets);
    body.AddBytes(joined);
    FlatBufferBuilder fbb;
    const Table batch = MakeBatch(fbb, static_cast<int64_t>(texts.size()), 1, body);
    const auto start = fbb.StartTable();
    fbb.AddElement<int64_t>(Field(0), id, -1);
    fbb.AddOffset(Field(1), batch);
    const Table dictionary = fbb.EndTable(start);
    dictionaries_.push_back(AppendMessage(fbb, kDictionaryBatch, dictionary, body.bytes(), out));
    return {};
  }

  int64_t written_ = 0;  // bytes of the file before what is being appended
  std::vector<Block> dictionaries_;
  std::vector<Block> batches_;
};

}  // namespace

std::unique_ptr<PointsFormat> MakeArrowFormat() {
  return std::make_unique<ArrowFormat>();
}

}  // namespace spirogram::transfer
