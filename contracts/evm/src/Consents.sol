// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {BookStorage} from "./BookStorage.sol";
import {IBookErrors} from "./IBookErrors.sol";

/// @notice Who has agreed: by calling, as a relayer, or with a signature.
abstract contract Consents is BookStorage, IBookErrors {
    function _requireMerchant(address caller, address merchant) internal view {
        if (caller != merchant && block.timestamp >= _relayers[merchant][caller]) {
            revert NotMerchantOrRelayer(caller, merchant);
        }
    }

    function _requireSignature(address signer, bytes32 digest, bytes calldata signature) internal view {
        // The third value tells more about a problem, of which it is enough to know that there is one.
        // slither-disable-next-line unused-return
        (address recovered, ECDSA.RecoverError problem,) = ECDSA.tryRecoverCalldata(digest, signature);
        if (problem == ECDSA.RecoverError.NoError && recovered == signer) return;
        // Asked second: an account with a key stays its key's even while it borrows code (EIP-7702).
        bool agreed = signer.code.length != 0
            && SignatureChecker.isValidERC1271SignatureNowCalldata(signer, digest, signature);
        if (!agreed) revert InvalidSignature(signer, digest);
    }
}
