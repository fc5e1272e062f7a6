/* SPDX-License-Identifier: 0BSD */
/* lstm and gru with s8 weights on AVX-512 VNNI: the products by this folder's convolution, the rest is that of AVX2. */
#ifndef QCC_X86_AVX512VNNI_RECURRENT_H
#define QCC_X86_AVX512VNNI_RECURRENT_H

#include "conv2d_q8.h"
#include "isa/x86-avx2/recurrent.h"

QCC_STATE_PRODUCTS_Q8(qcc_vnni_state_products, qcc_conv2d_q8__5x64__x86_avx512vnni, qcc_dynamic_quantize__32__x86_avx2,
                      qcc_avx2_state_scale, 0)
QCC_LSTM_Q8(qcc_lstm_q8__16__x86_avx512vnni, qcc_vnni_state_products, qcc_avx2_lstm_cell)
QCC_GRU_Q8(qcc_gru_q8__16__x86_avx512vnni, qcc_vnni_state_products, qcc_avx2_gru_reset, qcc_avx2_gru_cell)

#endif
