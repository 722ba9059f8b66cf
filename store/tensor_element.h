// One element of a TensorProto as a number. Stateless.
#pragma once

#include <cstdint>

namespace spirogram::store {

// The element at `p` as `tensor_content` holds it. REQUIRES: a real dtype (store/dtype.h), all of
// whose bytes are there.
double ContentElement(uint64_t dtype, const char* p);

// The field number of a dtype's typed list in TensorProto.
uint32_t ListField(uint64_t dtype);
// What a varint of the typed list means. REQUIRES: a real dtype but float32 and float64.
double ListElement(uint64_t dtype, uint64_t varint);

}  // namespace spirogram::store
