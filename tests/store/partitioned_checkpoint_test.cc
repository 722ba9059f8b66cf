// Variables that lie in a checkpoint in parts, as tf.compat.v1's partitioners save them. The index
// is written here, by the table format of checkpoint_index.h, damage included; checkpoint_test.cc
// has one that TensorFlow wrote.
#include <gmock/gmock.h>

#include <cstring>
#include <map>

#include "base/crc32c.h"
#include "base/file.h"
#include "base/wire.h"
#include "store/checkpoint_slice.h"
#include "store/checkpoint_tensor.h"
#include "store/projector_config.h"
#include "tests/store/store_fixture.h"

namespace spirogram::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

template <typename T>
std::string BytesOf(const T& number) {
  return {reinterpret_cast<const char*>(&number), sizeof number};
}

// Varint field `field`.
std::string Number(uint32_t field, uint64_t value) {
  std::string out;
  AppendVarint(uint64_t{field} << 3, &out);
  AppendVarint(value, &out);
  return out;
}
std::string Message(uint32_t field, const std::string& bytes) {
  std::string out;
  AppendBytesField(field, bytes, &out);
  return out;
}

std::string Slice(const CheckpointSlice& slice) {
  std::string out;
  for (const auto& extent : slice.extents) {
    std::string fields = Number(1, static_cast<uint64_t>(extent.start));
    if (extent.length >= 0) fields += Number(2, static_cast<uint64_t>(extent.length));
    out += Message(1, fields);
  }
  return out;
}

class PartitionedCheckpointTest : public StoreFixture {
 protected:
  // A variable of float32 of `shape`, in parts, each with its numbers.
  void Add(const std::string& name, std::vector<int64_t> shape,
           const std::vector<std::pair<CheckpointSlice, std::vector<float>>>& parts) {
    std::string whole = Number(1, 1) + Message(2, Shape(shape));
    for (const auto& [slice, numbers] : parts) {
      whole += Message(7, Slice(slice));
      std::vector<int64_t> size;
      for (size_t axis = 0; axis < slice.extents.size(); ++axis) {
        const int64_t length = slice.extents[axis].length;
        size.push_back(length < 0 ? shape[axis] : length);
      }
      const std::string bytes(reinterpret_cast<const char*>(numbers.data()), numbers.size() * 4);
      const std::string crc = BytesOf(MaskedCrc32c(bytes));
      std::string masked_crc(1, static_cast<char>(6 << 3 | 5));
      entries_[SliceName(name, slice)] = Number(1, 1) + Message(2, Shape(size)) +
                                         Number(4, data_.size()) + Number(5, bytes.size()) +
                                         masked_crc + crc;
      data_ += bytes;
    }
    entries_[name] = whole;
  }

  Result<Matrix> Read(const std::string& name) {
    entries_[""] = Number(1, 1);  // the header: one shard
    const std::string folder = folder_.File("checkpoint");
    CHECK(MakeFolders(folder).ok());
    CHECK(WriteFileAtomically(folder + "/m.data-00000-of-00001", data_).ok());
    CHECK(WriteFileAtomically(folder + "/m.index", Table()).ok());
    return ReadCheckpointMatrix(folder, "m", name);
  }
  void DamageLastByte() { data_.back() = static_cast<char>(data_.back() ^ 1); }
  std::string ErrorOf(const std::string& name) {
    const auto matrix = Read(name);
    return matrix.ok() ? "" : matrix.error().message;
  }

 private:
  static std::string Shape(const std::vector<int64_t>& shape) {
    std::string out;
    for (const int64_t size : shape) out += Message(2, Number(1, static_cast<uint64_t>(size)));
    return out;
  }

  // Appends the block and returns its handle.
  static std::string AppendBlock(const std::map<std::string, std::string>& entries,
                                 std::string* table) {
    std::string block;
    for (const auto& [key, value] : entries) {
      AppendVarint(0, &block);
      AppendVarint(key.size(), &block);
      AppendVarint(value.size(), &block);
      block += key + value;
    }
    block += BytesOf(uint32_t{0}) + BytesOf(uint32_t{1});  // one restart, at 0
    std::string handle;
    AppendVarint(table->size(), &handle);
    AppendVarint(block.size(), &handle);
    block.push_back(0);  // not compressed
    *table += block + BytesOf(MaskedCrc32c(block));
    return handle;
  }
  std::string Table() const {
    std::string table;
    const std::string data = AppendBlock(entries_, &table);
    std::string footer = AppendBlock({}, &table);
    footer += AppendBlock({{"\xff", data}}, &table);
    footer.resize(40);
    return table + footer + BytesOf(uint64_t{0xdb4775248b80fb57});
  }

  std::map<std::string, std::string> entries_;
  std::string data_;
};

TEST_F(PartitionedCheckpointTest, PutsAVariableTogetherFromItsParts) {
  Add("rows", {3, 2}, {{{{{0, 2}, {0, -1}}}, {1, 2, 3, 4}}, {{{{2, 1}, {0, -1}}}, {5, 6}}});
  Add("columns", {2, 3}, {{{{{0, -1}, {1, 2}}}, {2, 3, 5, 6}}, {{{{0, -1}, {0, 1}}}, {1, 4}}});
  for (const char* name : {"rows", "columns"}) {
    const auto matrix = Read(name);
    ASSERT_TRUE(matrix.ok()) << matrix.error().ToString();
    EXPECT_THAT(matrix->values, ElementsAre(1, 2, 3, 4, 5, 6)) << name;
  }
  EXPECT_THAT(ErrorOf("gone"), HasSubstr("of rank 2 are: columns, rows"));
}

TEST_F(PartitionedCheckpointTest, RefusesPartsThatDoNotMakeUpTheVariable) {
  Add("gap", {3, 1}, {{{{{0, 2}, {0, -1}}}, {1, 2}}});
  Add("overlap", {2, 1}, {{{{{0, 2}, {0, 1}}}, {1, 2}}, {{{{1, 1}, {0, 1}}}, {3}}});
  Add("outside", {2, 1}, {{{{{1, 2}, {0, 1}}}, {1, 2}}});
  Add("negative", {2, 1}, {{{{{-1, 1}, {0, 1}}}, {1}}});
  Add("flat", {2, 1}, {{{{{0, 2}}}, {1, 2}}});
  Add("damaged", {1, 1}, {{{{{0, 1}, {0, 1}}}, {1}}});
  DamageLastByte();
  EXPECT_THAT(ErrorOf("gap"), HasSubstr("its parts hold 2 of 3 values"));
  EXPECT_THAT(ErrorOf("overlap"), HasSubstr("its parts overlap"));
  for (const char* name : {"outside", "negative", "flat"}) {
    EXPECT_THAT(ErrorOf(name), HasSubstr("a part lies outside of it")) << name;
  }
  EXPECT_THAT(ErrorOf("damaged"), HasSubstr("checksum got"));
}

TEST_F(PartitionedCheckpointTest, TellsWhatAConfigThatNamesNoneLeavesOut) {
  Add("embedding/.OPTIMIZER_SLOT/m", {2, 2}, {});
  Add("large", {1 << 20, 60}, {});
  Add("list", {2}, {});
  Add("none", {0, 2}, {});
  Add("other", {1 << 20, 10}, {});
  Add("small", {2, 2}, {});
  EXPECT_THAT(ErrorOf("gone"), HasSubstr("no variable"));
  std::string note;
  const auto entries =
      NameVariables(folder_.File("checkpoint"),
                    ParseProjectorConfig("model_checkpoint_path: 'm'").value(), &note);
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].tensor_name, "large");
  EXPECT_EQ(entries[1].tensor_name, "small");
  EXPECT_EQ(note,
            "1 of the checkpoint's 4 tables are not shown, as all are more than 67108864 values or "
            "1000 tables together: name those to show");
}

// Worked out by hand from ordered_code.cc.
TEST(SliceNameTest, IsTheOrderedCodeOfTensorFlow) {
  const CheckpointSlice slice{{{0, -1}, {64, 1'000'000}}};
  const std::string want(
      "\0"
      "a\0\xff"
      "b\xff\0"
      "\0\1"
      "\1\2"
      "\x80\x7f"
      "\xc0\x40"
      "\xef\x42\x40",
      18);
  EXPECT_EQ(SliceName(std::string("a\0b\xff", 4), slice), want);
}

}  // namespace
}  // namespace spirogram::store
