// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {BookStorage} from "./BookStorage.sol";
import {BookViews} from "./BookViews.sol";

/// @title VoucherBookOffice
/// @notice See IVoucherBook. This half holds what is called seldom: campaigns, merchants' affairs, views. It works on the
/// storage of the VoucherBook that deployed it; on its own it can create no campaign, and so do nothing.
contract VoucherBookOffice is BookStorage, BookViews {}
