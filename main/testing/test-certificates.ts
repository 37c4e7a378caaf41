/**
 * Certificates of an authority that exists for tests only: nobody trusts it but the tests that name it. Made once
 * with OpenSSL and valid from 2020 to 2120, so that a test needs no tool and no clock. The private keys are public on
 * purpose.
 */

/** A certificate with its key, both PEM, as `node:https` takes them. */
export interface TestCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** What is right or wrong about the certificate a test server shows. */
export type CertificateFlavour = 'good' | 'expired' | 'wrong-host' | 'self-signed';

/** The authority to trust, PEM: all but `self-signed` were issued by it. */
export const TEST_AUTHORITY = `-----BEGIN CERTIFICATE-----
MIIBijCCATCgAwIBAgIUM03gTnnXuvY8/xhmyWXnG49cfFYwCgYIKoZIzj0EAwIw
IjEgMB4GA1UEAwwXVGFsbHltYW4gdGVzdCBhdXRob3JpdHkwIBcNMjAwMTAxMDAw
MDAwWhgPMjEyMDAxMDEwMDAwMDBaMCIxIDAeBgNVBAMMF1RhbGx5bWFuIHRlc3Qg
YXV0aG9yaXR5MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE9M0sj2g1Qs5bYFbU
Y3Uzy6ttrogNWn3fG9q9H2J5LM2R0ZpeUqBm0rGgdrErzURjmOdkqSFx4DGGnspS
pM82XKNCMEAwDwYDVR0TAQH/BAUwAwEB/zAOBgNVHQ8BAf8EBAMCAQYwHQYDVR0O
BBYEFB469hlKxBHxcOxvli2xkZwuRqoHMAoGCCqGSM49BAMCA0gAMEUCIECrOXcK
UbHYrOgmTMjo30xHq/sefbRlDBH1nIfwSYhrAiEAoucPfub0Aq049R1fTIx1mthR
bxXp9E99064zuJ6eu2k=
-----END CERTIFICATE-----
`;

/**
 * `good` names localhost, 127.0.0.1 to 127.0.0.3, ::1, registry.test and the names below it; `expired` ended in 2002.
 */
export const TEST_CERTIFICATES: Readonly<Record<CertificateFlavour, TestCertificate>> = {
  good: {
    certificate: `-----BEGIN CERTIFICATE-----
MIICEjCCAbigAwIBAgIUI0lTUAaAkfewxYmPTithsXRf4PEwCgYIKoZIzj0EAwIw
IjEgMB4GA1UEAwwXVGFsbHltYW4gdGVzdCBhdXRob3JpdHkwIBcNMjAwMTAxMDAw
MDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMMCWxvY2FsaG9zdDBZMBMG
ByqGSM49AgEGCCqGSM49AwEHA0IABEU+qmLVNx2BdyDaYRtumu7rV6+h8SrdAYav
lRVaCo8/ht3kTSBaw+2BT6e+lu6OVmfCnO/R3DjIl/yLCYBQt6WjgdcwgdQwCQYD
VR0TBAIwADALBgNVHQ8EBAMCB4AwEwYDVR0lBAwwCgYIKwYBBQUHAwEwZQYDVR0R
BF4wXIIJbG9jYWxob3N0ggsqLmxvY2FsaG9zdIINcmVnaXN0cnkudGVzdIIPKi5y
ZWdpc3RyeS50ZXN0hwR/AAABhwR/AAAChwR/AAADhxAAAAAAAAAAAAAAAAAAAAAB
MB0GA1UdDgQWBBS5SMZTRzaEH2fWEU+VRWvgs4NoXjAfBgNVHSMEGDAWgBQeOvYZ
SsQR8XDsb5YtsZGcLkaqBzAKBggqhkjOPQQDAgNIADBFAiEAuw4ovdeTIcLsrSVL
1ANMf7AEI4+XzliAyN0YKq0AHisCIFHxwy34sBxOXlMTTweZMzL28/pQhmvdecs2
o7boZDGJ
-----END CERTIFICATE-----
`,
    key: `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIGElkr5JB1g+VmHbjAexgiIAzW4fO7HUfjkjSNpAdE10oAoGCCqGSM49
AwEHoUQDQgAERT6qYtU3HYF3INphG26a7utXr6HxKt0Bhq+VFVoKjz+G3eRNIFrD
7YFPp76W7o5WZ8Kc79HcOMiX/IsJgFC3pQ==
-----END EC PRIVATE KEY-----
`,
  },
  expired: {
    certificate: `-----BEGIN CERTIFICATE-----
MIIBxjCCAWugAwIBAgIUXPF7OhJU8Zd8oL45UfeqfN6/LzMwCgYIKoZIzj0EAwIw
IjEgMB4GA1UEAwwXVGFsbHltYW4gdGVzdCBhdXRob3JpdHkwHhcNMDEwMTAxMDAw
MDAwWhcNMDIwMTAxMDAwMDAwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcq
hkjOPQIBBggqhkjOPQMBBwNCAARS9pCj/cZ3WbyTk8RrKHjBgSYs5MzVmaFlSIBX
2V2qWN00fFqv06/5iTsd5V7jKtCN8r38HjuEAN8wvd6fxME7o4GMMIGJMAkGA1Ud
EwQCMAAwCwYDVR0PBAQDAgeAMBMGA1UdJQQMMAoGCCsGAQUFBwMBMBoGA1UdEQQT
MBGCCWxvY2FsaG9zdIcEfwAAATAdBgNVHQ4EFgQU93f61yRc4jfOn2d1yHTbrtLI
wWAwHwYDVR0jBBgwFoAUHjr2GUrEEfFw7G+WLbGRnC5GqgcwCgYIKoZIzj0EAwID
SQAwRgIhAMCoEhqBN1G3Gm8YoRsj/+vrsmgp0TmSvvADMtUvX6uAAiEA5PcJ+kw4
SPJqznFwX+oeiTfof4PlgztUal9vGft6auw=
-----END CERTIFICATE-----
`,
    key: `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIPopFUCHNzl/CoBGVYpQYHnkwk0uvcdrc12QrDkrgQjgoAoGCCqGSM49
AwEHoUQDQgAEUvaQo/3Gd1m8k5PEayh4wYEmLOTM1ZmhZUiAV9ldqljdNHxar9Ov
+Yk7HeVe4yrQjfK9/B47hADfML3en8TBOw==
-----END EC PRIVATE KEY-----
`,
  },
  'wrong-host': {
    certificate: `-----BEGIN CERTIFICATE-----
MIIBzDCCAXGgAwIBAgIUaRRU0Qs1OiJrViuYgpcN9V7pTN0wCgYIKoZIzj0EAwIw
IjEgMB4GA1UEAwwXVGFsbHltYW4gdGVzdCBhdXRob3JpdHkwIBcNMjAwMTAxMDAw
MDAwWhgPMjEyMDAxMDEwMDAwMDBaMBkxFzAVBgNVBAMMDmVsc2V3aGVyZS50ZXN0
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEhvURG23SFTtlWxW/uU3cbDvuYORC
0aHU53/VdNhye4Ssfm7jBL8WTXbymgjPIfwuyl5vZ3mOdOzNxWcROGkkBaOBizCB
iDAJBgNVHRMEAjAAMAsGA1UdDwQEAwIHgDATBgNVHSUEDDAKBggrBgEFBQcDATAZ
BgNVHREEEjAQgg5lbHNld2hlcmUudGVzdDAdBgNVHQ4EFgQUR22L3Y3ttnOvMt3i
LpudlTADJyEwHwYDVR0jBBgwFoAUHjr2GUrEEfFw7G+WLbGRnC5GqgcwCgYIKoZI
zj0EAwIDSQAwRgIhALCb1ONhaOhlWOgnLcaBtnPsTAOgVCKcRnORAg67xvmZAiEA
mtuodjZO9RtAd5OBibNCR3vLJ8wwrIqyths0yIlAFTg=
-----END CERTIFICATE-----
`,
    key: `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIO4CFG4TsVv1tMsNONrdNZF0Qg3l8L7x+82vi+XGdN2yoAoGCCqGSM49
AwEHoUQDQgAEhvURG23SFTtlWxW/uU3cbDvuYORC0aHU53/VdNhye4Ssfm7jBL8W
TXbymgjPIfwuyl5vZ3mOdOzNxWcROGkkBQ==
-----END EC PRIVATE KEY-----
`,
  },
  'self-signed': {
    certificate: `-----BEGIN CERTIFICATE-----
MIIBdTCCARqgAwIBAgIUPp9GfmE1iSvJ2cZq0kr+qbIDgzMwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAx
MDAwMDAwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQOOHJZe/vcQiGQs9iMyS8oPdlRRbvXTIvMoW7CZ8qdhuzM+yu3IH/+
SON1+smPYgq1tZf+fWEbF03+NjRG4yh5o0gwRjAJBgNVHRMEAjAAMBoGA1UdEQQT
MBGCCWxvY2FsaG9zdIcEfwAAATAdBgNVHQ4EFgQUiGARKGD2MG3Pf0frkHZ/wg0R
bHowCgYIKoZIzj0EAwIDSQAwRgIhAMvpCRV8Q77dDJ8E8NETFo3+abv0gIWKHLIr
UMuTn8TIAiEA88F7aixQmhVU7qkPkHYAnJNGJbhSoZnpWnCNUR0xYRA=
-----END CERTIFICATE-----
`,
    key: `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEICVju4zRx6dHF0HBUnl/JUz/LoYCEU2MzjWkXSxHElj7oAoGCCqGSM49
AwEHoUQDQgAEDjhyWXv73EIhkLPYjMkvKD3ZUUW710yLzKFuwmfKnYbszPsrtyB/
/kjjdfrJj2IKtbWX/n1hGxdN/jY0RuMoeQ==
-----END EC PRIVATE KEY-----
`,
  },
};
